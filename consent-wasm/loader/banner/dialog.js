// The preferences: loaded when they are asked for.
import { decide } from "./decide.js";
import { hideFirst, isOpen, showFirst } from "./first-layer.js";
import { gate } from "./gate.js";
import { fetchNotice, mount, put, view } from "./notice.js";
import { say } from "./say.js";
import { fill, inputs, nameOf, turned } from "./switches.js";

let prepared; // their script and their part of the notice, on their way
let fresh = ""; // a script that failed to load stays failed under the same address

export const prepare = () =>
  (prepared ||= (async () => {
    const more = () => fetchNotice(gate.language_(), ".preferences.html");
    const [module, file] = await Promise.all([import(gate.base_ + "preferences.js" + fresh), mount().then(more)]);
    const { host, root } = view;
    await put(file, host.shadowRoot);
    const made = module.wire(gate, { host_: host, root_: root, inputs_: inputs, nameOf_: nameOf, fill_: fill, turned_: turned, decide_: decide, close_: close });
    view.dialog = made.dialog_;
    return made;
  })().catch((problem) => {
    prepared = 0; // the next click tries again
    fresh += "?";
    throw problem;
  }));

export const openPreferences = async (list) => {
  try {
    const { show_: show } = await prepare();
    show(list); // before the first layer goes: the focus comes back to what had it
  } catch (problem) {
    // The first layer stays, and the next click tries again.
    say(view.status.dataset.failed, "failed");
    throw problem;
  }
  say("");
  hideFirst();
};

/** Closes the dialog and changes nothing: without a choice, the first layer asks on. */
const close = () => {
  if (isOpen()) showFirst();
  view.dialog.close();
};
