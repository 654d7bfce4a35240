// An event for tag managers, with what is granted, whenever there is a choice.
__PART__((gate) => {
  gate.api_.on("change", () => {
    const consent = {};
    for (const name of Object.keys(gate.manifest_.c)) consent[name] = gate.allows(name);
    (window.dataLayer ||= []).push({ event: gate.manifest_.a.layer, consent });
  });
});
