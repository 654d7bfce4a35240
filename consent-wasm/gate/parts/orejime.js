// Orejime: <template data-purpose="analytics">; in its second version, type="opt-in" data-name="matomo".
__PART__((gate) => {
  gate.translate_("template[data-purpose]", (data) => {
    data.category = data.purpose;
  });
  gate.translate_("script[type=opt-in][data-name],[data-name][data-src]", (data, element) => {
    data.service = data.name;
    if (element.type == "opt-in") element.type = "text/plain";
  });
});
