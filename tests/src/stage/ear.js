(() => {
  const tell = (kind, text) => fetch("/console", { method: "POST", body: kind + ": " + text, keepalive: true });
  for (const kind of ["error", "warn"]) {
    const say = console[kind];
    console[kind] = (...values) => (tell(kind, values.join(" ")), say.apply(console, values));
  }
  addEventListener("error", (event) => event.message && tell("uncaught", event.message));
  addEventListener("unhandledrejection", (event) => tell("unhandled", event.reason));
  document.addEventListener("securitypolicyviolation", (event) => tell("policy", event.violatedDirective + " " + event.blockedURI));
})();
