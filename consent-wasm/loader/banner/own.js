// Whose a cookie is: others may set one of our name, where it does not begin with `__Host-`.
import { claimsOf, textOf } from "./claims.js";
import { gate } from "./gate.js";
import { forgets, QUEUE, recall } from "./memory.js";

/** Whether somebody has signed a value, or it was decided here and is not sent yet, as far as this browser can know. Anything else may be
 * written in anybody's name. On a site without a server none is signed. */
export const isProven = (value) => value.includes(".") || !!gate.manifest_.u || recall(QUEUE + claimsOf(value)?.jti) == textOf(value) || !!forgets();
