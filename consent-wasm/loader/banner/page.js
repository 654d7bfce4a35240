// The page that the banner comes to, and when it is seen.

/** The document as the browser made it: in the page's, an element `<img name=body>` would stand before the body. */
export const page = new Proxy(document, {
  get: (_, name) => {
    const its = Reflect.get(Document.prototype, name, document);
    return typeof its == "function" ? its.bind(document) : its;
  },
  set: (_, name, value) => Reflect.set(Document.prototype, name, value, document),
});

/** Waits for the page's body; a banner that comes with it is in the first frame. */
export const body = () =>
  new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!page.body) return;
      observer.disconnect();
      resolve();
    });
    if (page.body) resolve();
    else observer.observe(document, { childList: true, subtree: true });
  });

/** Waits until the next frame is on the screen, but not for a page that is not shown. */
export const painted = () =>
  new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 100);
  });
