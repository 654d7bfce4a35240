// Klaro: type="text/plain" data-name="matomo", and data-name with data-src on anything.
__PART__((gate) => {
  gate.translate_("[data-name][data-src],[data-name][data-href],script[data-name][type='text/plain']", (data) => {
    data.service = data.name;
  });
});
