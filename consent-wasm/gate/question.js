// The question that visitors answer. The banner and parts of the gate each get a copy of this when they are built: in the gate itself,
// every page view would pay for it, and most gates have no use for it.

/** Whether it is unanswered: a browser's signal alone is no answer, unless it took back what the visitor had agreed to. */
export const isUnanswered = (claims) => !claims || (claims.act == "signal" && !claims.prev);
