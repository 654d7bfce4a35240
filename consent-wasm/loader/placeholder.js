// What stands in place of a frame that is held back: who would be contacted, and why, and two ways to see it.
import style from "placeholder.css";

/** Covered frames, with their covers. */
const covers = new Map();

/** Frames that were asked for this one time. */
const once = new WeakSet();

let wired;

/** Covers the frames that are held back and came into sight. In a frame of another site nobody is asked. */
export const cover = (gate, seen) => {
  try {
    gate.alone_();
  } catch {
    return;
  }
  wire(gate);
  for (const { isIntersecting, target } of seen) {
    if (!isIntersecting || target.localName != "iframe") continue;
    inSight.add(target);
    put(gate, target);
  }
};

/** Frames that came into sight: what was released may be held back again. */
const inSight = new Set();

/** In CSS pixels: a frame that is smaller shows nothing, and counts somebody. */
const SMALLEST = 16;

/** Whether a frame waits for its address, and people would see it. */
const isToBeSeen = (frame) => {
  if (!frame.hasAttribute("data-consent-src")) return false;
  const { visibility, opacity } = getComputedStyle(frame);
  return visibility == "visible" && opacity > 0 && Math.min(frame.offsetWidth, frame.offsetHeight) >= SMALLEST;
};

const put = async (gate, frame) => {
  if (covers.has(frame) || gate.may_(frame) || !isToBeSeen(frame)) return;
  covers.set(frame); // while the notice is on its way
  try {
    const notice = await words(gate);
    // It may have been released or taken away meanwhile.
    if (!frame.isConnected || gate.may_(frame)) covers.delete(frame);
    else covers.set(frame, make(gate, notice, frame));
  } catch {
    covers.delete(frame);
  }
};

let fetched;

/** The part of the notice that says who would be contacted, and why. */
const words = (gate) =>
  (fetched ||= (async () => {
    // The first layer's, or else what the first layer will have: a choice made here names one notice.
    const language = gate.language_();
    gate.language_ = () => language;
    const answer = await fetch(gate.base_ + language + ".preferences.html");
    if (!answer.ok) throw new Error("consent: the notice was answered with " + answer.status);
    const box = document.createElement("template");
    box.innerHTML = await answer.text();
    return box.content.querySelector("[lang]");
  })().catch((problem) => {
    fetched = 0; // the next frame tries again
    throw problem;
  }));

/** Uncovers what may be there before it is released. */
const wire = (gate) => {
  if (wired) return;
  wired = true;
  const may = gate.may_;
  gate.may_ = (element) => once.has(element) || may(element);
  const sync = gate.sync_;
  gate.sync_ = () => {
    for (const [frame, host] of covers) {
      if (host && (!frame.isConnected || gate.may_(frame))) {
        covers.delete(frame);
        host.remove();
      }
    }
    clear();
    const stuck = sync();
    for (const frame of inSight) {
      if (frame.isConnected) put(gate, frame);
      else inSight.delete(frame);
    }
    return stuck;
  };
  clear();
};

/** Takes away what a kept copy of the page has brought back: it has no shadow tree, and does nothing. */
const clear = () => {
  const ours = new Set(covers.values());
  for (const host of document.querySelectorAll("consent-placeholder")) if (!ours.has(host)) host.remove();
};

/** Frames behind their placeholders: by a sheet, and not by what is written in the frame itself, which is the page's. */
let behind;

const hideFramesIn = (root) => {
  if (!behind) {
    behind = new CSSStyleSheet();
    behind.replaceSync("consent-placeholder:not([hidden])+iframe{display:none!important}");
  }
  if (!root.adoptedStyleSheets.includes(behind)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, behind];
};

/** What changes with the room that there is: a placeholder follows the frame that it stands for. */
const changes = new ResizeObserver((entries) => {
  // In the next frame: what changes sizes in this one is told to the page as an error.
  requestAnimationFrame(() => {
    for (const { target } of entries) {
      for (const [frame, host] of covers) if (host && frame.parentNode == target) measure(host, frame);
    }
  });
});

const make = (gate, notice, frame) => {
  const mark = frame.getAttribute("data-service") || frame.getAttribute("data-category");
  const names = gate.ours_?.(mark) ?? [mark];
  const find = (attribute) =>
    names.flatMap((name) => [...notice.querySelectorAll(`input[data-${attribute}="${CSS.escape(name)}"]`)]);
  const inputs = [...find("service"), ...find("category")];
  const template = notice.querySelector("[data-placeholder]");
  const host = document.createElement("consent-placeholder");
  if (!inputs.length || !template) return host; // not declared: the log says so
  const providers = [...find("service"), ...find("of")];
  const texts = {
    service: inputs.map((one) => one.parentNode.textContent.trim()).join(template.dataset.between),
    provider: [...new Set(providers.map((one) => one.dataset.provider))].join(template.dataset.between),
  };

  const shadow = host.attachShadow({ mode: "open" });
  const box = document.createElement("div");
  const title = document.createElement("p");
  const name = document.createElement("strong");
  name.textContent = texts.service;
  title.append(name);
  // In a small frame, who it comes from goes before what it is for.
  if (frame.offsetHeight > 240) title.append(notice.querySelector("#" + CSS.escape(inputs[0].getAttribute("aria-describedby"))).textContent);
  box.append(title, template.content.cloneNode(true));
  for (const element of box.querySelectorAll("p ~ *")) {
    element.textContent = element.textContent.replace(/\{(\w+)\}/g, (mark, key) => texts[key] ?? mark);
  }
  box.querySelector("[data-once]").addEventListener("click", () => {
    once.add(frame);
    gate.sync_();
    frame.focus();
  });
  box.querySelector("[data-always]").addEventListener("click", ({ isTrusted }) => {
    gate.call_("act", "accept", names, isTrusted ? "placeholder" : "api").catch(() => {});
  });
  const { lang, dir } = notice;
  Object.assign(host, { lang, dir, role: "group", ariaLabel: texts.service });
  shadow.append(box);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  shadow.adoptedStyleSheets = [sheet];

  takePlace(host, frame);
  return host;
};

/** Takes the frame's place, so that nothing moves. */
const takePlace = (host, frame) => {
  const is = getComputedStyle(frame);
  for (const property of [
    "position", "inset", "float", "margin", "order", "flex", "alignSelf", "justifySelf", "gridArea", "verticalAlign",
  ]) {
    host.style[property] = is[property];
  }
  host.style.display = /^inline/.test(is.display) ? "inline-block" : "block";
  hideFramesIn(frame.getRootNode());
  host.hidden = true;
  frame.before(host);
  measure(host, frame);
  changes.observe(frame.parentNode);
};

/** Makes the placeholder as large as the frame would be now. */
const measure = (host, frame) => {
  host.hidden = true;
  host.style.width = frame.offsetWidth + "px";
  // A text that needs more room than the frame had gets it, rather than being cut off.
  host.style.minHeight = frame.offsetHeight + "px";
  host.hidden = false;
};
