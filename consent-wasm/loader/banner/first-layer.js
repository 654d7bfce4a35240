// The first layer: shown while the question is open.
import { isUnanswered } from "../../gate/question.js";
import { isAskedAround } from "./around.js";
import { gate } from "./gate.js";
import { view } from "./notice.js";
import { makeRoom } from "./room.js";
import { say } from "./say.js";

/** Whether the visitor has yet to answer; some sites ask again. */
export const isOpen = () => isUnanswered(gate.api_.get()) || gate.again_?.();

export const showFirst = () => {
  if (isAskedAround()) return;
  const { first } = view;
  const signal = first.querySelector("[data-signal]");
  if (signal) signal.hidden = navigator.globalPrivacyControl !== true;
  first.hidden = false;
  makeRoom(() => say(first.querySelector("h2").textContent));
};

export const hideFirst = () => {
  if (view.first.hidden) return;
  view.first.hidden = true;
  makeRoom();
};
