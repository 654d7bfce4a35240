// What runs inside the pages. It is put into every page alike, that without a banner too.

/** Before the page's own scripts: when a click was made, and when the third party's script ran, both since navigation started; and how
 * long the browser took to show the answer to the click (Event Timing, in steps of 8 ms, what INP is made of; none under 16 ms). */
export const EARLY = `
  window.bench = {};
  bench.released = new Promise((resolve) => (bench.ran = resolve));
  addEventListener("click", (event) => (bench.clicked ??= event.timeStamp), true);
  bench.answered = 16;
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name == "click") bench.answered = Math.max(bench.answered, duration);
  }).observe({ type: "event", durationThreshold: 16 });
`;

/** A function that finds the button with these words, in the page or in an open shadow root, if it can be seen: all of it in the window,
 * neither hidden nor wholly transparent. */
const seek = (words) => `(() => {
  const isSeen = (button) => {
    const { top, left, bottom, right } = button.getBoundingClientRect();
    return bottom > top && right > left && top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth &&
      button.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const seek = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches("button, [role=button]") && element.textContent.trim() == ${JSON.stringify(words)} && isSeen(element)) return element;
      const within = element.shadowRoot && seek(element.shadowRoot);
      if (within) return within;
    }
  };
  return seek(document);
})`;

const centre = `(({ left, top, width, height }) => ({ x: left + width / 2, y: top + height / 2 }))`;

/** Where the button is now. */
export const place = (words) => `(() => {
  const button = ${seek(words)}();
  return button && ${centre}(button.getBoundingClientRect());
})()`;

/** Looks before each frame, from the start: `bench.seen` becomes where the button is, and when the frame that shows it was handed over. */
export const watch = (words) => `
  bench.seen = new Promise((resolve) => {
    const seek = ${seek(words)};
    const look = () => {
      const button = seek();
      if (!button) return requestAnimationFrame(look);
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve({ at: performance.now(), ...${centre}(button.getBoundingClientRect()) });
      port2.postMessage(0); // a task after the frame
    };
    requestAnimationFrame(look);
  });
`;
