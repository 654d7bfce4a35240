// The site's own buttons and switches: data-consent-action="accept|refuse|choose|save|withdraw", data-consent-switch="analytics", and
// data-consent-banner for what stands there while the visitor has yet to choose.
import { isUnanswered } from "../question.js";

__PART__((gate) => {
  const all = (name) => document.querySelectorAll(`[data-consent-${name}]`);

  /** What the page's switches leave on: a service without a switch of its own goes with its category. Of several with one name, all are on. */
  const chosen = () => {
    const on = { __proto__: null };
    for (const { dataset, checked } of all("switch")) on[dataset.consentSwitch] = checked && on[dataset.consentSwitch] !== false;
    const { c } = gate.manifest_;
    return Object.keys(c).filter((name) => c[name] !== 1 && (on[name] ?? on[c[name]]));
  };

  document.addEventListener("click", (event) => {
    const action = event.composedPath()[0].closest?.("[data-consent-action]")?.dataset.consentAction;
    // The banner's own buttons are its own affair.
    if (!/^(accept|refuse|choose|save|withdraw)$/.test(action) || /^consent-/.test(event.target.localName)) return;
    event.preventDefault();
    const call = action == "choose" ? ["open"] : ["act", action, action == "save" ? chosen() : undefined];
    gate.call_(...call).catch(() => {});
  });

  const show = () => {
    const isAsked = isUnanswered(gate.api_.get());
    for (const banner of all("banner")) banner.hidden = !isAsked;
    for (const input of all("switch")) input.checked = gate.allows(input.dataset.consentSwitch);
  };
  gate.api_.on("change", show);
  document.addEventListener("DOMContentLoaded", show);
});
