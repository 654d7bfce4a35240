// In place of a frame that is held back: who would be contacted, and why. Loaded when such a frame comes into sight.
__PART__((gate) => {
  const cover = ({ isIntersecting, target }) => isIntersecting && import(gate.base_ + "placeholder.js").then((module) => module.cover(gate, target), () => {});
  const sight = new IntersectionObserver((frames) => frames.map(cover));
  const sync = gate.sync_;
  gate.sync_ = () => {
    const stuck = sync();
    for (const [element, stop] of gate.elements_) {
      if (stop === undefined && element.matches("iframe")) sight.observe(element);
    }
    return stuck;
  };
});
