// The room that the page makes for the first layer.
import { view } from "./notice.js";
import { page, painted } from "./page.js";

/** A frame after the visitor has seen it come or go: the page is laid out anew for this, which no picture and no script should wait for. */
export const makeRoom = (shown) =>
  painted().then(painted).then(() => {
    const { first } = view;
    const place = () => first.getBoundingClientRect();
    // A page may move its root element, and with it what is fixed: above all else, nothing moves.
    if (place().height && (place().top >= innerHeight || place().bottom <= 0)) {
      first.popover = "manual";
      first.showPopover?.();
    }
    // All are zero where the first layer is hidden, and where the site draws its own.
    const { top, bottom, height } = place();
    // Beside one in the middle, there is as much room above as below.
    if (top + 1 > innerHeight - bottom) pad(0, innerHeight - top);
    else pad(bottom, 0);
    if (height) shown?.();
  });

let room; // a style sheet of the page: its root element is its own

/** What has the focus in the page must not lie under the banner (WCAG 2.4.11): so far from the edges it comes to rest, or as far as the
 * page says itself, and the page's end can be scrolled up to there. */
const pad = (top, bottom) => {
  try {
    room ||= new CSSStyleSheet({ media: "screen" });
    room.replaceSync("");
    page.adoptedStyleSheets = [...page.adoptedStyleSheets.filter((sheet) => sheet != room), room];
    const { scrollPaddingTop, scrollPaddingBottom } = getComputedStyle(page.documentElement);
    const most = (ours, theirs) => `max(${ours}px,${theirs == "auto" ? "0px" : theirs})!important`;
    if (top) room.replaceSync(`:root{scroll-padding-top:${most(top, scrollPaddingTop)}}`);
    if (bottom) room.replaceSync(`:root{scroll-padding-bottom:${most(bottom, scrollPaddingBottom)};margin-bottom:${bottom}px}`);
  } catch {}
};
