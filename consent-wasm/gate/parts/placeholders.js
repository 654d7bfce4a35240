// In place of a frame that is held back: who would be contacted, and why. Loaded when such a frame comes into sight.
__PART__((gate) => {
  const sight = new IntersectionObserver(
    (seen) => seen.some((one) => one.isIntersecting) && import(gate.base_ + "placeholder.js").then((module) => module.cover(gate, seen), () => {}),
  );
  // Whatever is to be seen; the module covers frames alone.
  gate.held_ = (element) => sight.observe(element);
});
