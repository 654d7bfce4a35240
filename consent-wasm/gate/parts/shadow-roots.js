// Pages made of web components: their shadow roots are watched like the page.
__PART__((gate) => {
  const theirs = ({ localName }) => !/^consent-/.test(localName);
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (...values) {
    const root = attachShadow.apply(this, values);
    if (theirs(this)) gate.watch_(root);
    return root;
  };

  // Those that the parser attached, some of them after their hosts were seen.
  document.addEventListener("DOMContentLoaded", () => {
    gate.collect_(document);
    gate.sync_();
  });
  const seen = new WeakSet();
  const collect = gate.collect_;
  gate.collect_ = (root) => {
    collect(root);
    for (const element of [root, ...(root.querySelectorAll?.("*") ?? [])]) {
      const { shadowRoot } = element;
      if (shadowRoot && theirs(element) && !seen.has(shadowRoot)) {
        seen.add(shadowRoot);
        gate.watch_(shadowRoot);
      }
    }
  };
});
