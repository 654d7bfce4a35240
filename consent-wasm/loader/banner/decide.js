// A decision: taken from the notice, made durable, and told to whoever has to know.
import { claimsOf, textOf } from "./claims.js";
import { keep } from "./choice-cookie.js";
import { hideFirst, isOpen, showFirst } from "./first-layer.js";
import { gate } from "./gate.js";
import { QUEUE, remember } from "./memory.js";
import { mind, start } from "./module.js";
import { view } from "./notice.js";
import { painted } from "./page.js";
import { sendAll } from "./queue.js";
import { say } from "./say.js";
import { before } from "./several.js";
import { supersede } from "./standing.js";
import { restart, sweep } from "./sweep.js";
import { tell } from "./tabs.js";

/** How long a reload waits for the server, in milliseconds; the record is in the queue anyway. */
const PATIENCE = 2000;

/** Hides the notice at once, and does the work when the visitor has seen it go. A signal is not the visitor's act, and hides nothing. */
export const decide = async (action, source) => {
  const { dialog } = view;
  const fromDialog = dialog?.open;
  if (action != "signal") {
    hideFirst();
    dialog?.close();
    await painted();
  }
  let value;
  try {
    await start();
    const { sub: subject = "", jti: previous = "" } = before();
    const gpc = navigator.globalPrivacyControl === true ? "1" : "";
    Object.assign(view.root.dataset, { subject, previous, gpc });
    value = mind.decide(view.root, action, source);
    if (!value) throw new Error("consent: this browser's clock or this notice cannot be used");
  } catch (problem) {
    // Nothing was decided, so the question stands.
    if (fromDialog) dialog.showModal();
    else if (isOpen()) showFirst();
    throw problem;
  }
  supersede(value);
  keep(value);
  const stuck = gate.apply_(value);
  // On a site without a server, records are the visitor's own.
  if (!gate.manifest_.u) remember(QUEUE + claimsOf(value).jti, textOf(value));
  tell();
  setTimeout(tell, 500);
  sweep();
  setTimeout(sweep); // scripts that still ran may have set their cookies again
  say(view.status.dataset.saved);
  const sent = sendAll(true);
  if (stuck) {
    await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    restart();
  }
};
