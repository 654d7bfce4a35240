// In place of a frame that is held back: who would be contacted, and why.
__PART__((gate) => {
  const may = gate.may_;
  gate.may_ = (element) =>
    may(element) ||
    (element.localName == "iframe" &&
      !import(gate.base_ + "placeholder.js").then(
        (module) => module.cover(gate, element),
        () => {},
      ));
});
