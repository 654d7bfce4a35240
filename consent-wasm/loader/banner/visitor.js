// What visitors do with the notice.
import { decide } from "./decide.js";
import { openPreferences, prepare } from "./dialog.js";
import { hideFirst, isOpen } from "./first-layer.js";
import { mind, start } from "./module.js";
import { view } from "./notice.js";
import { page } from "./page.js";

export const listen = () => {
  const { root, first } = view;
  const actionOf = ({ target }) => target.closest("[data-consent-action]")?.dataset.consentAction;
  const opens = /^(choose|list)$/;
  // What a script clicks, no visitor has: it is taken for a call of the page's.
  const decideHere = (action, { isTrusted }) => decide(action, isTrusted ? "banner" : "api").catch(() => {});

  root.addEventListener("click", (event) => {
    const action = actionOf(event);
    if (opens.test(action)) openPreferences(action == "list").catch(() => {});
    else if (action) decideHere(action, event);
  });
  for (const sign of ["pointerover", "focusin", "touchstart"]) {
    root.addEventListener(sign, (event) => opens.test(actionOf(event)) && prepare().catch(() => {}), { passive: true });
  }
  first.addEventListener("keydown", (event) => event.key == "Escape" && decideHere("dismiss", event));
  for (const intent of ["pointerover", "focusin"]) first.addEventListener(intent, warm, { once: true });
  // The choice was made elsewhere: in another tab, or by a placeholder.
  page.addEventListener("consent:change", () => isOpen() || hideFirst());
};

/** Takes a decision that nobody hears of, between the pointer's coming and the click: browsers compile what is called, which need not
 * be in the click's way. */
const warm = () => start().then(() => mind.decide(view.root, "save", "banner"), () => {});
