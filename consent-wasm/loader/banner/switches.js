// The switches of categories and services that count: what the preferences show mirrors them.
import { gate } from "./gate.js";
import { mind, start } from "./module.js";
import { view } from "./notice.js";

export const inputs = () => view.root.querySelectorAll("input");
export const nameOf = (input) => input.getAttribute("data-service") || input.getAttribute("data-category");

/** Turns the switches of categories and services. */
export const turn = (names, on) => {
  for (const input of inputs()) {
    if (names.includes(nameOf(input)) && input.checked != on) {
      input.checked = on;
      mind.follow(view.root, input);
    }
  }
};

/** A switch was turned: others may go with it. */
export const turned = async (input) => {
  await start();
  mind.follow(view.root, input);
};

/** Sets the switches to the choice that stands. */
export const fill = () => {
  for (const input of inputs()) input.checked = gate.allows(nameOf(input));
};
