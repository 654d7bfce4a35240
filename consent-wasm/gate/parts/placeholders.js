// In place of a frame that is held back: who would be contacted, and why. Loaded when such a frame comes into sight.
__PART__((gate) => {
  let sight; // most pages have no such frame
  const look = (frames) => {
    for (const { isIntersecting, target } of frames) {
      if (isIntersecting) import(gate.base_ + "placeholder.js").then((module) => module.cover(gate, target)).catch(() => {});
    }
  };
  const sync = gate.sync_;
  gate.sync_ = () => {
    const stuck = sync();
    for (const [element, stop] of gate.elements_) {
      if (element.localName == "iframe" && stop === undefined) (sight ||= new IntersectionObserver(look)).observe(element);
    }
    return stuck;
  };
});
