// In place of a frame that is held back: who would be contacted, and why. Loaded when such a frame comes into sight.
__PART__((gate) => {
  const sight = new IntersectionObserver((frames) => {
    for (const frame of frames) {
      if (frame.isIntersecting) import(gate.base_ + "placeholder.js").then((module) => module.cover(gate, frame.target), () => {});
    }
  });
  const sync = gate.sync_;
  gate.sync_ = () => {
    const stuck = sync();
    for (const [element, stop] of gate.elements_) {
      if (element.localName == "iframe" && stop === undefined) sight.observe(element);
    }
    return stuck;
  };
});
