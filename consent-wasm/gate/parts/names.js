// Pages marked up for another tool: several names in one attribute, all of which must be granted; names with ! before them, for what
// runs upon a refusal; and names that this site has others for.
__PART__((gate) => {
  const { allows } = gate;
  // What the site itself declares: prototypes have more.
  const known = (name) => ({ __proto__: null, ...gate.manifest_.n })[name] ?? name;
  gate.allows = gate.api_.allows = (list) =>
    `${list}`.split(/[\s,]+/).every((name) => {
      const refusal = name[0] == "!";
      const ours = refusal ? name.slice(1) : name;
      const granted = allows(known(ours));
      return refusal ? !!gate.api_.get() && !granted : granted;
    });

  // What ran upon a refusal has run, and an acceptance need not load the page again for it.
  const may = gate.may_;
  gate.may_ = (element) => may(element) || (gate.elements_.get(element) > 1 && /!/.test(element.dataset.category));

  /** What this site calls those names. */
  gate.ours_ = (list) => list.split(/[\s,]+/).map((name) => known(name.replace("!", "")));

  /** Marks elements our way before they are looked for. */
  gate.translate_ = (selector, mark) => {
    const collect = gate.collect_;
    gate.collect_ = (root) => {
      for (const element of [root, ...(root.querySelectorAll?.(selector) ?? [])]) {
        if (element.matches?.(selector) && !gate.elements_.has(element)) mark(element.dataset, element);
      }
      collect(root);
    };
  };
});
