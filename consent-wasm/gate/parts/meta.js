// Meta's pixel. Its snippet does nothing where `fbq` exists already, so it is told as soon as it is there: before what waits in its queue.
__PART__((gate) => {
  let told;
  const tell = () => {
    const { fbq } = window;
    const word = gate.allows(gate.manifest_.a.meta) ? "grant" : "revoke";
    if (!fbq || word == told) return;
    if (!told && fbq.queue) fbq.queue.unshift(["consent", word]);
    else fbq("consent", word);
    told = word;
  };
  gate.api_.on("change", tell);
  const sync = gate.sync_;
  gate.sync_ = () => {
    tell();
    return sync();
  };
});
