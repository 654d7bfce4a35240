// Global Privacy Control refuses what the site's policy says, unless the visitor has chosen with it on. The banner asks all the same.
__PART__((gate) => {
  queueMicrotask(() => {
    const claims = gate.api_.get();
    const ask = (...values) => gate.call_(...values).catch(() => {});
    if (navigator.globalPrivacyControl === true && !claims?.gpc && (!claims || gate.manifest_.g.some(gate.allows))) ask("act", "signal");
    // A signal alone is no answer.
    else if (claims?.act == "signal" && !claims.prev) ask("open", "first");
  });
});
