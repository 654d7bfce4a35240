// The room that the page makes for the first layer.
import { view } from "./notice.js";
import { page, painted } from "./page.js";

/** A frame after the visitor has seen it come or go: the page is laid out anew for this, which no picture and no script should wait for. */
export const makeRoom = (shown) =>
  painted().then(painted).then(() => {
    // All are zero where the first layer is hidden, and where the site draws its own.
    const { top, bottom, height } = view.first.getBoundingClientRect();
    // Beside one in the middle, there is as much room above as below.
    if (top + 1 > innerHeight - bottom) pad(0, innerHeight - top);
    else pad(bottom, 0);
    if (height) shown?.();
  });

let room; // a style sheet of the page

/** What has the focus in the page must not lie under the banner (WCAG 2.4.11): so far from the edges it comes to rest, and the page's
 * end can be scrolled up to there. */
const pad = (top, bottom) => {
  const { style } = page.documentElement;
  style.scrollPaddingTop = top ? top + "px" : "";
  style.scrollPaddingBottom = bottom ? bottom + "px" : "";
  try {
    room ||= new CSSStyleSheet({ media: "screen" });
    room.replaceSync(bottom ? `:root{margin-bottom:${bottom}px}` : "");
    page.adoptedStyleSheets = [...page.adoptedStyleSheets.filter((sheet) => sheet != room), room];
  } catch {}
};
