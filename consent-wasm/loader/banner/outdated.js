// A notice that changed while it was shown.
import { keep } from "./choice-cookie.js";
import { gate } from "./gate.js";
import { start } from "./module.js";
import { mount } from "./notice.js";

/** What was decided does not count, and the page asks anew with the new gate. */
export const askAgain = async () => {
  await mount();
  await start();
  keep("");
  gate.apply_("");
  await fetch(new URL("../consent.js", gate.base_), { cache: "reload", mode: "no-cors" });
  location.reload();
};
