// The small button that reopens the preferences, for a site without a link of its own.
__PART__((gate) => {
  consent.on("ready", () => {
    const button = document.createElement("button");
    button.textContent = gate.manifest_.b[gate.language_()];
    button.setAttribute("data-consent-open", "");
    // Through the CSSOM: a strict policy allows no style attributes. A plain button follows the page's light and dark.
    button.style.cssText =
      "all:revert;position:fixed;bottom:9px;inset-inline-" + gate.manifest_.i + ":9px;z-index:9999;" +
      "padding:6px 12px;border:1px solid;border-radius:2em";
    // Beside the body, which some pages change as a whole.
    document.documentElement.append(button);
  });
});
