// Global Privacy Control refuses what the site's policy says, unless the visitor has chosen with it on. The banner asks all the same.
import { isUnanswered } from "../question.js";

__PART__((gate) => {
  queueMicrotask(() => {
    const claims = gate.api_.get();
    const ask = (...values) => gate.call_(...values).catch(() => {});
    if (navigator.globalPrivacyControl === true && !claims?.gpc && (!claims || gate.manifest_.g.some(gate.allows))) ask("act", "signal");
    // Without any choice, the gate itself asks.
    else if (claims && isUnanswered(claims)) ask("open", "first");
  });
});
