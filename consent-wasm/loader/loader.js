// The loader: the banner's hands. It puts the notice in place, shows and hides it, passes what visitors do to the module, keeps
// what comes of it, and sends it. The notice is there before the module is: a click made early waits for it.
// Here is what the gate calls; each file of `banner/` does one thing of it.
// Imports go one way: what visitors do leads down to the notice and the module, and nothing leads back up.
import { start } from "./banner/module.js";
import { mount, view, wireWith } from "./banner/notice.js";
import { decide } from "./banner/decide.js";
import { openPreferences, prepare } from "./banner/dialog.js";
import { isOpen, showFirst } from "./banner/first-layer.js";
import { gate, serve } from "./banner/gate.js";
import { page } from "./banner/page.js";
import { sendAll } from "./banner/queue.js";
import { compare } from "./banner/several.js";
import { restart } from "./banner/sweep.js";
import { fill, inputs, nameOf, turn } from "./banner/switches.js";
import { listen } from "./banner/visitor.js";

wireWith(listen);

/** Shows a layer: "first", or the preferences. */
export const open = serve(async (layer) => {
  start().catch(() => {}); // early, beside the notice; whoever needs it hears of a failure
  await mount();
  compare();
  if (layer != "first") return openPreferences();
  // The page may have decided by itself while the notice was on its way.
  if (isOpen() && !view.dialog?.open) showFirst();
});

/** Sends what is unsent. */
export const send = serve(sendAll);

/** Loads the page again, for what only that ends. */
export const reload = serve(async () => {
  await mount();
  fill();
  restart();
});

/** Does what the page asks for: "accept" (all, or the names too), "save" (the names, and no others), "refuse", "withdraw" or "signal". */
export const act = serve(async (action, names, source = "api") => {
  await mount();
  compare();
  if (action == "signal") {
    // Of several cookies, one that was compared may say that they chose with it on.
    if (page.prerendering || gate.api_.get()?.gpc) return;
    await start();
    fill();
    turn(gate.manifest_.g, false);
    return decide(action, action);
  }
  const some = typeof names == "string" ? [names] : names;
  // A page may give these functions to a button as they are: an event is no list of names.
  if (!/accept|save/.test(action) || !Array.isArray(some)) return decide(action, source);
  const known = [...inputs()].map(nameOf);
  const strange = some.find((name) => !known.includes(name));
  if (strange !== undefined) throw new Error(`consent: visitors are asked about no category or service "${strange}"`);
  await start();
  fill();
  if (action == "accept") turn(some, true);
  else for (const input of inputs()) input.checked = some.includes(nameOf(input));
  return decide("save", source);
});

export const accept = (caller, names) => act(caller, "accept", names);
export const refuse = (caller) => act(caller, "refuse");
export const withdraw = (caller) => act(caller, "withdraw");

/** Loads the preferences: somebody seems about to ask for them, or needs them elsewhere. */
export const preferences = serve(prepare);
