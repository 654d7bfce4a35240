// The log for developers: which element is held back or released, and why; loaded by pages whose address ends in #consent-log.

let listening;

/** Tells the console how things stand, and then what changes. */
export const log = (gate) => {
  if (listening) return;
  listening = true;
  const said = new WeakMap();
  const look = () => {
    for (const [element, runs] of gate.elements_) {
      const line = (runs ? "released" : "held back") + ": " + why(gate, element, runs);
      if (said.get(element) != line) console.info("consent:", line, element);
      said.set(element, line);
    }
  };
  const sync = gate.sync_;
  gate.sync_ = () => {
    const stuck = sync();
    look();
    return stuck;
  };
  gate.api_.on("change", () => console.info("consent: the choice is now", gate.api_.get()));
  console.info("consent: the choice is", gate.api_.get() ?? "not made yet", "on the site", gate.base_.split("/").at(-3));
  look();
};

const why = (gate, element, runs) => {
  const name = element.getAttribute("data-service") || element.getAttribute("data-category");
  const ours = gate.ours_?.(name) ?? [name];
  const claims = gate.api_.get();
  const live = element.localName == "script" ? element.type != "text/plain" : element.hasAttribute("src");
  if (!runs && live) return `not at all, whatever "${name}" says: a script waits with type="text/plain", anything else with data-src instead of src`;
  if (!ours.every((known) => known in gate.manifest_.c)) return `the site declares no category or service "${name}", or asks about none`;
  if (ours.every((known) => gate.manifest_.c[known] === 1)) return `"${name}" needs no consent`;
  if (!claims) return `there is no choice yet about "${name}"`;
  const when = new Date(claims.dat * 1000).toISOString();
  const granted = gate.allows(name);
  if (granted && !runs) return `"${name}" was granted on ${when}; it waits for its turn in the page`;
  if (!granted && runs) return runs == 1 ? `shown once, though "${name}" was refused on ${when}` : `"${name}" was refused on ${when}, but it had run`;
  return `"${name}" was ${granted ? "granted" : "refused"} on ${when} (${claims.act}, record ${claims.jti})`;
};
