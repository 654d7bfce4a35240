// Colours that follow the page: the dark ones on a dark ground, and also when the page changes it.
__PART__((gate) => {
  const root = document.documentElement;
  const isDark = () => {
    for (const element of [document.body, root]) {
      const [red, green, blue, alpha = 1] = element ? getComputedStyle(element).backgroundColor.match(/[\d.]+/g).map(Number) : [0, 0, 0, 0];
      if (alpha) return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
    }
    return /dark/.test(getComputedStyle(root).colorScheme) && matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const look = () => {
    for (const host of document.querySelectorAll("consent-banner,consent-declaration")) host.toggleAttribute("data-dark", isDark());
  };
  // The banner comes beside the body; pages change their ground by an attribute, often gently.
  const observer = new MutationObserver(look);
  observer.observe(root, { attributes: true, childList: true });
  document.addEventListener("DOMContentLoaded", () => {
    observer.observe(document.body, { attributes: true });
    look();
  });
  document.addEventListener("transitionend", look);
});
