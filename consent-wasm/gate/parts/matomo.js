// Matomo: nothing is tracked before it is told that consent was given.
__PART__((gate) => {
  window._paq ||= [];
  window._paq.push(["requireConsent"]);
  let given = false;
  gate.api_.on("change", () => {
    const now = gate.allows(gate.manifest_.a.matomo);
    // Its own script replaces the list by an object with the same method.
    if (now != given) window._paq.push([now ? "setConsentGiven" : "forgetConsentGiven"]);
    given = now;
  });
});
