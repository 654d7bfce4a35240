// The loader and the notice, as a part of the gate: for visitors who have yet to choose, and so need both at once. The server
// puts the notice of the likely language in; a page in another language fetches its own.
import { accept, act, open, preferences, refuse, reload, send, withdraw } from "./loader.js";

gate.banner_ = { accept, act, open, preferences, refuse, reload, send, withdraw };
gate.notice_ = gate.language_() == __LANGUAGE__ && new Response(__NOTICE__);

// Once there is a choice, the gate alone is enough for the next pages: it takes this script's place in the browser's cache.
let replaced;
gate.api_.on("change", () => {
  replaced ||= setTimeout(() => {
    fetch(new URL("../consent.js", gate.base_), { cache: "reload", mode: "no-cors", credentials: "include" }).catch(() => {});
  }, 1000);
});
