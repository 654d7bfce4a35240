// Global Privacy Control refuses what the site's policy says, unless the visitor has chosen with it on. The banner asks all the same.
__PART__((gate) => {
  queueMicrotask(() => {
    const claims = gate.claims_();
    if (navigator.globalPrivacyControl === true && !claims?.gpc && (!claims || gate.manifest_.g.some(gate.allows))) {
      gate.call_("act", "signal").catch(() => {});
    }
  });
});
