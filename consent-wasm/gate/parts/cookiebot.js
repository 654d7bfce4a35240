// Cookiebot: data-cookieconsent="statistics", data-cookieblock-src.
__PART__((gate) => {
  gate.translate_("[data-cookieconsent]:not([data-cookieconsent=ignore])", (data) => {
    data.category = data.cookieconsent;
    if (data.cookieblockSrc) data.src = data.cookieblockSrc;
  });
});
