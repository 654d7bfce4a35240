// Google Consent Mode v2: everything is denied before any tag asks, and updated when there is a choice.
__PART__((gate) => {
  const { google } = gate.manifest_.a;
  const layer = (window.dataLayer ||= []);
  // Tags take the arguments of a call, and not a list.
  function gtag() {
    layer.push(arguments);
  }
  const say = (how, more) => {
    const types = { security_storage: "granted", ...more };
    for (const type of Object.keys(google)) types[type] = gate.allows(google[type]) ? "granted" : "denied";
    gtag("consent", how, types);
  };
  say("default", { wait_for_update: 500 });
  gate.api_.on("change", () => say("update"));
});
