// The choice that stands, for this page and for the server.
import { keep } from "./choice-cookie.js";
import { gate } from "./gate.js";
import { start } from "./module.js";
import { mount } from "./notice.js";
import { joint } from "./several.js";
import { tell } from "./tabs.js";

/** The value of the last choice that this page knows of its own making. */
export let latest;

/** Ends what is under way to the server. */
export let flight = new AbortController();

/** The value of the cookie, where there is one that counts. */
export const standing = () => {
  const [value, more] = gate.stored_();
  return more || value == joint ? undefined : value;
};

/** A new choice takes the place of the latest. What is under way belongs to the one before, and its answer must not set the cookie any
 * more. It is sent again. */
export const supersede = (value) => {
  flight.abort();
  flight = new AbortController();
  latest = value;
};

/** Makes a value the choice that stands, if there is one. */
export const settle = async (value) => {
  if (!value) return;
  latest = value;
  // The answer may have come from another host; or the visitor has chosen anew before it came.
  if (standing() != value) {
    await mount();
    await start();
    // And once more meanwhile, perhaps.
    if (latest != value) return;
    keep(value);
  }
  gate.apply_(value);
  tell();
};
