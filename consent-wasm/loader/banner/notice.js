// The notice in the page: fetched, and put in place.
import { gate } from "./gate.js";
import { body, page } from "./page.js";

let mounted;

export let view; // { host, root, first, status } once mounted; and { dialog } once there are preferences

/** What wires a notice that was put together. What visitors do leads back here, so the loader says it. */
let wire;
export const wireWith = (work) => (wire = work);

export const mount = () =>
  (mounted ||= place().catch((problem) => {
    mounted = gate.notice_ = 0; // the next click tries again
    throw problem;
  }));

export const fetchNotice = (language, kind) => fetch(gate.base_ + language + kind);

/** Puts a file of the notice into a shadow root: its style, and the rest. */
export const put = async (file, shadow) => {
  const answer = await file;
  if (!answer.ok) throw new Error("consent: the notice was answered with " + answer.status);
  const [, style, html] = /^<style>([^]*?)<\/style>([^]*)$/.exec(await answer.text());
  const box = page.createElement("div");
  box.innerHTML = html;
  shadow.append(...box.childNodes);
  try {
    // A sheet made by script passes a policy that forbids inline styles.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  } catch {
    shadow.append(Object.assign(page.createElement("style"), { textContent: style }));
  }
};

const place = async () => {
  const host = page.createElement("consent-banner");
  const shadow = host.attachShadow({ mode: "open" });
  await put((gate.notice_ ||= fetchNotice(gate.language_(), ".html")), shadow);
  const find = (selector) => shadow.querySelector(selector);
  view = { host, root: find("#consent"), first: find(".banner"), status: find("[data-status]") };
  // One notice is shown, and one is named in the record: what comes later has its language, whatever the page calls itself by then.
  gate.language_ = () => view.root.lang;
  view.root.dataset.cookie = gate.manifest_.k[1]; // for the module
  wire();

  await body();
  page.querySelector(host.localName)?.remove(); // left by an attempt that failed later
  // Beside the body: its children keep their places in the page's style sheets, and a page may change it as a whole.
  page.body.before(host);
  const sync = gate.sync_;
  gate.sync_ = () => {
    if (!host.isConnected) page.body?.before(host);
    return sync();
  };
};
