// Several cookies of one name, and what they grant together.
import { keep } from "./choice-cookie.js";
import { claimsOf, inOrder } from "./claims.js";
import { gate } from "./gate.js";
import { start } from "./module.js";
import { isProven } from "./own.js";

/** What stands for several cookies, where they do not agree. */
export let joint;

let found = () => gate.stored_();

/** The claims that a new choice goes on from: of the newest value that is somebody's own, for sure. */
export const before = () => claimsOf(inOrder([...found(), ...gate.stored_()].filter(isProven)).at(-1) ?? "") ?? {};

/** Finds out what several cookies grant, now and whenever there are several: the gate alone grants nothing then. Other settings, other
 * paths or a sibling of this host have set them. Of each consent id the newest counts, and the newest of all stands; but nothing is
 * granted that one of the others refuses, so that a cookie which somebody planted takes away and never gives. One that nobody has signed
 * and that was not decided here speaks for no consent id, and stands only alone. */
export const compare = () => {
  if (joint !== undefined) return;
  joint = "";
  const { stored_: stored } = gate;
  found = stored;
  gate.stored_ = () => {
    const values = stored();
    return values.length > 1 ? [ofSeveral(values)] : values;
  };
  const values = stored();
  if (values.length < 2) return;
  const one = ofSeveral(values);
  if (one != joint) start().then(() => keep(one), () => {});
  gate.apply_(one);
};

const ofSeveral = (values) => {
  const proven = inOrder(values.filter(isProven));
  const ordered = [...inOrder(values.filter((value) => !proven.includes(value))), ...proven];
  const newest = claimsOf(ordered.at(-1));
  const groups = [...new Map(ordered.map((value) => [proven.includes(value) ? claimsOf(value).sub : value, claimsOf(value)])).values()];
  const own = (object, name) => ({ __proto__: null, ...object })[name];
  const grants = ({ services, choices }, name, category) => (own(services, name) ?? own(choices, category)) === true;
  const claims = { ...newest, choices: {}, services: {} };
  let agree = true;
  for (const [name, category] of Object.entries(gate.manifest_.c)) {
    if (category === 1) continue;
    const granted = groups.every((one) => grants(one, name, category));
    claims[name == category ? "choices" : "services"][name] = granted;
    agree &&= granted == grants(newest, name, category);
  }
  // Those that say no less than the newest are no loss.
  if (agree) return ordered.at(-1);
  return (joint = btoa(JSON.stringify(claims).replace(/[^ -~]/g, "?")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, ""));
};
