// The gate that calls the banner, and what it may call.

/** The gate that calls: a page has one. */
export let gate;

/** What the gate calls; in a frame of another site that the declaration does not name, nothing. */
export const serve = (work) => (caller, ...values) => {
  gate = caller;
  log();
  try {
    gate.alone_();
  } catch {
    throw new Error("consent: this page is in a frame of another site, which its declaration does not name (frames.ancestors)");
  }
  return work(...values);
};

/** For developers: a page whose address ends in #consent-log tells its console what is held back, and why. */
const log = () => {
  if (/consent-log/.test(location)) import(gate.base_ + "log.js").then((module) => module.log(gate), () => {});
};
