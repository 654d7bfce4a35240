// The loader: the banner's hands. It puts the notice in place, shows and hides it, passes what visitors do to the module, keeps
// what comes of it, and sends it. The notice is there before the module is: a click made early waits for it.
import { __wbg_set_wasm, cookie, decide as judge, follow, imports, must_go } from "glue";

/** How long a reload waits for the server, in milliseconds; the record is in the queue anyway. */
const PATIENCE = 2000;

/** The first and the longest pause before the server is tried again, in milliseconds. */
const PAUSE = 2000;
const LONGEST_PAUSE = 300000;

/** Shows a layer: "first", or the preferences. */
export const open = async (gate, layer) => {
  log(gate);
  start().catch(() => {}); // early, beside the notice; whoever needs it hears of a failure
  await mount(gate);
  if (layer != "first") showPreferences(gate);
  // The page may have decided by itself while the notice was on its way.
  else if (isOpen(gate) && !view.dialog.open) {
    showFirst();
    start().then(warm, () => {});
  }
};

/** Takes a decision that nobody hears of: browsers compile what is called, and the first click should not wait for that. */
const warm = () => (window.requestIdleCallback ?? setTimeout)(() => mind.decide(view.root, "save", "banner"));

/** Does what the page asks for: "accept" (all, or the names), "refuse", "withdraw", "signal", "reload", or "send" what is unsent. */
export const act = async (gate, action, names, source = "api") => {
  log(gate);
  if (action == "send") return send(gate);
  await mount(gate);
  if (action == "reload") {
    fill();
    return reload(gate);
  }
  if (action == "signal") {
    if (document.prerendering) return;
    await start();
    fill();
    turn(gate.manifest_.g, false);
    return decide(gate, action, action);
  }
  const some = typeof names == "string" ? [names] : names;
  // A page may give these functions to a button as they are: an event is no list of names.
  if (action != "accept" || !Array.isArray(some)) return decide(gate, action, source);
  const known = [...inputs()].map(nameOf);
  const strange = some.find((name) => !known.includes(name));
  if (strange !== undefined) throw new Error(`consent: visitors are asked about no category or service "${strange}"`);
  await start();
  fill();
  turn(some, true);
  return decide(gate, "save", source);
};

/** The notice, for whoever needs its texts. */
export const notice = async (gate) => {
  await mount(gate);
  return view.root;
};

/** Whether the visitor has yet to answer: a browser's signal alone is no answer, unless it took back what they had agreed to. */
const isOpen = (gate) => {
  const claims = gate.claims_();
  return !claims || (claims.act == "signal" && !claims.prev);
};

/** For developers: a page whose address ends in #consent-log tells its console what is held back, and why. */
const log = (gate) => {
  if (/consent-log/.test(location)) import(gate.base_ + "log.js").then((module) => module.log(gate), () => {});
};

// ── The module ──────────────────────────────────────────────────────────────────────────────────────────────────────

let started;
let mind; // the module, in WebAssembly or in plain JavaScript

const start = () =>
  (started ||= (async () => {
    try {
      const file = await fetch(new URL("banner.wasm", import.meta.url));
      const { instance } = await WebAssembly.instantiate(await file.arrayBuffer(), imports);
      __wbg_set_wasm(instance.exports);
      mind = { cookie, decide: judge, follow, must_go };
    } catch {
      // No WebAssembly in this browser, or under this page's policy.
      mind = await import(new URL("plain.js", import.meta.url));
    }
  })().catch((problem) => {
    started = 0; // the next click tries again
    throw problem;
  }));

// ── The notice ──────────────────────────────────────────────────────────────────────────────────────────────────────

let mounted;
let view; // { root, first, dialog, status }, once mounted

const mount = (gate) =>
  (mounted ||= place(gate).catch((problem) => {
    mounted = gate.notice_ = 0; // the next click tries again
    throw problem;
  }));

const place = async (gate) => {
  const answer = await (gate.notice_ ||= fetch(gate.base_ + gate.language_() + ".html"));
  if (!answer.ok) throw new Error("consent: the notice was answered with " + answer.status);
  const [, style, notice] = /^<style>([^]*?)<\/style>([^]*)$/.exec(await answer.text());

  const host = document.createElement("consent-banner");
  const shadow = host.attachShadow({ mode: "open" });
  shadow.innerHTML = notice;
  try {
    // A sheet made by script passes a policy that forbids inline styles.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    shadow.prepend(Object.assign(document.createElement("style"), { textContent: style }));
  }
  const find = (selector) => shadow.querySelector(selector);
  view = { root: find("#consent"), first: find(".banner"), dialog: find("dialog"), status: find("[data-status]") };
  const { s: site, k: cookie } = gate.manifest_;
  Object.assign(view.root.dataset, { site, cookie }); // for the module
  listen(gate);

  while (!document.body) await new Promise((resolve) => setTimeout(resolve));
  document.querySelector(host.localName)?.remove(); // left by an attempt that failed later
  document.body.prepend(host);
  // A page that changes its whole body puts the banner away with it.
  const sync = gate.sync_;
  gate.sync_ = () => {
    if (!host.isConnected) document.body?.prepend(host);
    return sync();
  };
  // The choice was made elsewhere: in another tab, or by a placeholder.
  document.addEventListener("consent:change", () => {
    if (!isOpen(gate)) hideFirst();
    if (view.dialog.open) showCurrent(gate);
  });
};

const inputs = () => view.root.querySelectorAll("input");
const nameOf = ({ dataset }) => dataset.service || dataset.category;

/** Turns the switches of categories and services. */
const turn = (names, on) => {
  for (const input of inputs()) {
    if (names.includes(nameOf(input)) && input.checked != on) {
      input.checked = on;
      mind.follow(view.root, input);
    }
  }
};

/** Sets the switches to the choice that stands. */
const fill = () => {
  for (const input of inputs()) input.checked = window.consent.allows(nameOf(input));
};

const showFirst = () => {
  view.first.hidden = false;
  // What has the focus must not lie under the banner (WCAG 2.4.11).
  document.documentElement.style.scrollPaddingBottom = view.first.offsetHeight + "px";
};

const hideFirst = () => {
  if (view.first.hidden) return;
  view.first.hidden = true;
  document.documentElement.style.scrollPaddingBottom = "";
};

const showPreferences = (gate) => {
  const { dialog } = view;
  if (dialog.open) return;
  showCurrent(gate);
  dialog.showModal(); // before the first layer goes: the focus comes back to what had it
  hideFirst();
  dialog.querySelector("h2").focus();
};

/** Fills the dialog with the choice that stands. */
const showCurrent = (gate) => {
  const { root } = view;
  fill();
  const claims = gate.claims_();
  const date = (seconds) => new Date(seconds * 1000).toLocaleDateString(root.lang, { dateStyle: "long" });
  const shown = (selector, is) => (root.querySelector(selector).hidden = !is);
  shown("[data-current]", claims);
  shown("[data-consent-action=withdraw]", claims && Object.values({ ...claims.choices, ...claims.services }).includes(true));
  if (claims) {
    const texts = { decided: date(claims.dat), expires: date(claims.exp), subject: claims.sub };
    for (const name in texts) root.querySelector(`[data-${name}]`).textContent = texts[name];
  }
};

/** Closes the dialog and changes nothing: without a choice, the first layer asks on. */
const closePreferences = (gate) => {
  if (isOpen(gate)) showFirst();
  view.dialog.close();
};

// ── What visitors do ────────────────────────────────────────────────────────────────────────────────────────────────

const listen = (gate) => {
  const { root, first, dialog } = view;
  const decideHere = (action) => decide(gate, action, dialog.open ? "preferences" : "banner").catch(() => {});

  root.addEventListener("click", ({ target }) => {
    const action = target.closest("[data-consent-action]")?.dataset.consentAction;
    if (action == "choose") showPreferences(gate);
    else if (action == "close") closePreferences(gate);
    else if (action) decideHere(action);
  });
  root.addEventListener("change", ({ target }) => start().then(() => mind.follow(root, target), () => {}));
  first.addEventListener("keydown", ({ key }) => key == "Escape" && decideHere("dismiss"));
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    closePreferences(gate);
  });
};

/** Hides the notice at once, and does the work when the visitor has seen it go. A signal is not the visitor's act, and hides nothing. */
const decide = async (gate, action, source) => {
  const fromDialog = view.dialog.open;
  if (action != "signal") {
    hideFirst();
    view.dialog.close();
    await painted();
  }
  let value;
  try {
    await start();
    const { sub: subject = "", jti: previous = "" } = gate.claims_() ?? {};
    const gpc = navigator.globalPrivacyControl === true ? "1" : "";
    Object.assign(view.root.dataset, { subject, previous, gpc });
    value = mind.decide(view.root, action, source);
    if (!value) throw new Error("consent: this browser's clock or this notice cannot be used");
  } catch (problem) {
    // Nothing was decided, so the question stands.
    if (fromDialog) showPreferences(gate);
    else if (isOpen(gate)) showFirst();
    throw problem;
  }
  // What is under way belongs to the choice before, and its answer must not set the cookie any more. It is sent again.
  flight.abort();
  flight = new AbortController();
  const { jti, exp } = claimsOf(value);
  latest = value;
  const stuck = gate.apply_(value); // what was agreed to runs first, and is kept then
  keep(value, exp);
  unstored.set(jti, textOf(value));
  try {
    localStorage[queue(gate) + jti] = textOf(value);
    unstored.delete(jti);
  } catch {}
  tell();
  setTimeout(tell, 500);
  sweep();
  setTimeout(sweep); // scripts that still ran may have set their cookies again
  view.status.textContent = view.status.dataset.saved;
  setTimeout(() => (view.status.textContent = ""), 5000); // so that the same words are announced again
  const sent = send(gate, true);
  if (stuck) {
    await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    reload(gate);
  }
};

/** Tells the other tabs to read the cookie. More than once: a cookie reaches their processes by another way than the message. */
const tell = () => new BroadcastChannel("consent").postMessage(0);

/** Ends what cannot be stopped otherwise, unless the site's owner has chosen to leave it until the page is left. */
const reload = (gate) => {
  sweep();
  if (gate.manifest_.w !== 0) location.reload();
};

/** Waits until the next frame is on the screen, but not for a page that is not shown. */
const painted = () =>
  new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 100);
  });

// ── What is kept in the browser ─────────────────────────────────────────────────────────────────────────────────────

const secure = location.protocol == "https:";

/** Writes a cookie; where the page may not, its choice lasts until it is left. */
const setCookie = (text) => {
  try {
    document.cookie = text;
  } catch {}
};

/** Keeps a value in the cookie until the second that its claim `exp` names; 0 deletes the cookie. */
const keep = (value, exp) => setCookie(mind.cookie(view.root, value, exp && exp - Date.now() / 1000, secure));

/** The JSON of an unsigned cookie value, and its claims. */
const textOf = (value) => atob(value.replace(/-/g, "+").replace(/_/g, "/"));
const claimsOf = (value) => JSON.parse(textOf(value));

/** Deletes the cookies and the storage of the services whose switches are off. */
const sweep = () => {
  const mustGo = (attribute) => (name) => mind.must_go(view.root, attribute, name);
  try {
    document.cookie.split(/; |=/).filter(mustGo("data-cookies")).map(erase);
  } catch {}
  for (const [storage, attribute] of [["localStorage", "data-storage"], ["sessionStorage", "data-session-storage"]]) {
    try {
      Object.keys(window[storage]).filter(mustGo(attribute)).map((name) => window[storage].removeItem(name));
    } catch {}
  }
};

/** Deletes a cookie wherever it may be: scripts see its name, but not its domain and path. */
const erase = (name) => {
  const domains = [""];
  // A leading dot would mean the same (RFC 6265 §5.2.3).
  for (let host = location.hostname; host; host = host.replace(/^[^.]*\.?/, "")) domains.push("; Domain=" + host);
  let path = "";
  for (const part of location.pathname.split(/(\/)/)) {
    path += part;
    for (const domain of domains) setCookie(name + "=; Max-Age=0; Path=" + path + domain + (secure ? "; Secure" : ""));
  }
};

// ── The server ──────────────────────────────────────────────────────────────────────────────────────────────────────

// One entry for each record that the server has not got. Tabs share them; none reads and rewrites what another adds.
const queue = ({ manifest_: { s } }) => `consent:${s}:unsent:`;

/** The queue, where storage is blocked or full: JSON by record id. */
const unstored = new Map();

/** Unsent records by id: ids begin with the time, so the oldest comes first in their order. */
const unsent = (gate) => {
  const records = new Map(unstored);
  const value = gate.value_();
  // What the cookie keeps is unsent as long as it is not signed; the server may have refused it for good.
  if (value && !value.includes(".") && gate.claims_()?.jti != refused(gate)) records.set(claimsOf(value).jti, textOf(value));
  try {
    const prefix = queue(gate);
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(prefix)) records.set(name.slice(prefix.length), localStorage[name]);
    }
  } catch {}
  return [...records].sort();
};

const done = (gate, id) => {
  unstored.delete(id);
  try {
    localStorage.removeItem(queue(gate) + id);
  } catch {}
};

/** What this browser remembers for all tabs and visits, as far as it may. */
const memory = {};
const remember = (gate, name, value) => {
  memory[name] = value;
  const key = `consent:${gate.manifest_.s}:${name}`;
  try {
    if (value) localStorage[key] = value;
    else localStorage.removeItem(key);
  } catch {}
};
const recall = (gate, name) => {
  try {
    return localStorage[`consent:${gate.manifest_.s}:${name}`] ?? memory[name];
  } catch {
    return memory[name];
  }
};
const refused = (gate) => recall(gate, "refused");

/** The value of the last choice that this page knows of its own making. */
let latest;

let flight = new AbortController();
let sending = Promise.resolve();
let timer;

/** Sends the queue, oldest first; what fails is tried again after a pause that doubles, on this page or a later one. A new choice does not wait. */
const send = (gate, now) =>
  (sending = sending.then(async () => {
    const [until = 0, pause = 0] = (recall(gate, "retry") ?? "").split(" ").map(Number);
    const left = until - Date.now();
    // A clock that was set back must not make a pause of years.
    if (!now && left > 0 && left <= LONGEST_PAUSE) return again(gate, left);
    // One tab at a time, where the browser can do that; the server takes a repeated record for the same.
    const work = () => drain(gate).catch(() => 0);
    const wait = await (navigator.locks?.request(queue(gate), work) ?? work());
    if (wait === undefined) return remember(gate, "retry", "");
    const next = Math.min(Math.max(pause * 2, PAUSE, wait), LONGEST_PAUSE);
    remember(gate, "retry", Date.now() + next + " " + next);
    again(gate, next);
  }));

const again = (gate, wait) => {
  clearTimeout(timer);
  timer = setTimeout(send, wait, gate);
  addEventListener("online", () => send(gate, true), { once: true });
};

/** Sends until the queue is empty. Answers with the milliseconds to wait where the server asks to be left alone. */
const drain = async (gate) => {
  // On a site without a server, records are the visitor's own.
  if (gate.manifest_.u) return unsent(gate).map(([id]) => done(gate, id)) && undefined;
  // The notices lie in {server}/s/{site}/{digest}/.
  const address = new URL(`../../../v1/sites/${gate.manifest_.s}/consents`, gate.base_);
  // text/plain needs no permission from another origin first.
  const type = address.origin == location.origin ? "application/json" : "text/plain";
  for (let first; ([first] = unsent(gate)), first; ) {
    const [id, body] = first;
    const isCurrent = () => gate.claims_()?.jti == id;
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": type },
      body,
      // The answer brings the receipt as a cookie, which an older record must not put in the place of the choice that stands.
      credentials: isCurrent() ? "include" : "omit",
      keepalive: true,
      signal: flight.signal,
    });
    const { status } = answer;
    if (status != 201 && (status < 400 || status >= 500 || status == 429 || status == 408)) {
      return 1000 * answer.headers.get("Retry-After") || 0;
    }
    const said = await answer.json();
    if (status == 201) {
      done(gate, id);
      // By a clock that is far ahead, the receipt has ended already: the choice that was made here stands until the page is left.
      const counts = Date.parse(said.expires_at) > Date.now();
      await settle(gate, isCurrent() && counts ? said.receipt : latest);
    } else {
      done(gate, id);
      remember(gate, "refused", id);
      if (isCurrent() && said.code == "notice_outdated") return askAgain(gate);
    }
  }
};

/** Makes a value the choice that stands, if there is one. */
const settle = async (gate, value) => {
  if (!value) return;
  latest = value;
  gate.apply_(value);
  tell();
  // The answer may have come from another host; or the visitor has chosen anew before it came.
  if (gate.value_() == value) return;
  await mount(gate);
  await start();
  keep(value, gate.claims_().exp);
};

/** The notice changed while it was shown: what was decided does not count, and the page asks anew with the new gate. */
const askAgain = async (gate) => {
  await mount(gate);
  await start();
  keep("", 0);
  gate.apply_();
  await fetch(new URL("../consent.js", gate.base_), { cache: "reload", mode: "no-cors" });
  location.reload();
};
