// Frames of other sites in which visitors are asked, too: the declaration names them.
__PART__((gate) => {
  const alone = gate.alone_;
  gate.alone_ = () => {
    // Firefox does not list ancestors: there it is the page that the frame was opened from, where no other is around it.
    const { ancestorOrigins, origin } = location;
    const opener = parent == top && document.referrer && new URL(document.referrer).origin;
    const isNamed = (one) => gate.manifest_.f.includes(one) || (ancestorOrigins && one == origin);
    if (![...(ancestorOrigins ?? [opener])].every(isNamed)) alone();
  };
});
