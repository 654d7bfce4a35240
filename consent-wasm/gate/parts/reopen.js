// The small button that reopens the preferences, for a site without a link of its own. In a shadow tree, where the page's rules for
// buttons do not reach; a plain button follows the page's light and dark.
__PART__((gate) => {
  gate.api_.on("ready", () => {
    const host = document.createElement("consent-reopen");
    const button = host.attachShadow({ mode: "open" }).appendChild(document.createElement("button"));
    button.textContent = gate.manifest_.b[gate.language_()];
    button.setAttribute("data-consent-open", "");
    // Through the CSSOM: a strict policy allows no style attributes.
    button.style = "position:fixed;z-index:9;bottom:9px;padding:9px;inset-inline-__SIDE__:9px";
    // Not on paper.
    addEventListener("beforeprint", () => (button.hidden = true));
    addEventListener("afterprint", () => (button.hidden = false));
    // Beside the body, which some pages change as a whole.
    document.documentElement.append(host);
  });
});
