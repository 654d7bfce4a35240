// Copies of pages that libraries keep for the way back: what was released may stand in them, and would be asked for before the gate sees it.

/** Where htmx keeps its copies. */
const HTMX = "htmx-history-cache";

/** Has those copies forgotten; pages that visitors go back to come from their server then. */
export const forgetCopies = () => {
  for (const forget of [
    () => window.Turbo.cache.clear(),
    () => window.Turbolinks.clearCache(),
    () => sessionStorage.removeItem(HTMX),
    () => localStorage.removeItem(HTMX),
  ]) {
    try {
      forget();
    } catch {} // it is not there
  }
};
