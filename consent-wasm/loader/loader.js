// The loader: the banner's hands. It puts the notice in place, shows and hides it, passes what visitors do to the module, keeps
// what comes of it, and sends it. The notice is there before the module is: a click made early waits for it.
import { __wbg_set_wasm, cookie, decide as judge, follow, imports, must_go } from "glue";

/** How long a reload waits for the server, in milliseconds; the record is in the queue anyway. */
const PATIENCE = 2000;

/** The first and the longest pause before the server is tried again, in milliseconds. */
const PAUSE = 2000;
const LONGEST_PAUSE = 300000;

/** The document as the browser made it: in the page's, an element `<img name=body>` would stand before the body. */
const page = new Proxy(document, {
  get: (_, name) => {
    const its = Reflect.get(Document.prototype, name, document);
    return typeof its == "function" ? its.bind(document) : its;
  },
  set: (_, name, value) => Reflect.set(Document.prototype, name, value, document),
});

/** The gate that calls: a page has one. */
let gate;

/** What the gate calls; in a frame of another site that the declaration does not name, nothing. */
const serve = (work) => (caller, ...values) => {
  gate = caller;
  log();
  try {
    gate.alone_();
  } catch {
    throw new Error("consent: this page is in a frame of another site, which its declaration does not name (frames.ancestors)");
  }
  return work(...values);
};

/** Shows a layer: "first", or the preferences. */
export const open = serve(async (layer) => {
  start().catch(() => {}); // early, beside the notice; whoever needs it hears of a failure
  await mount();
  compare();
  if (layer != "first") return openPreferences();
  // The page may have decided by itself while the notice was on its way.
  if (isOpen() && !inPreferences()) {
    showFirst();
  }
});

/** Sends what is unsent. */
export const send = serve(() => sendAll());

/** Loads the page again, for what only that ends. */
export const reload = serve(async () => {
  await mount();
  fill();
  restart();
});

/** Does what the page asks for: "accept" (all, or the names too), "save" (the names, and no others), "refuse", "withdraw" or "signal". */
export const act = serve(async (action, names, source = "api") => {
  await mount();
  compare();
  if (action == "signal") {
    // Of several cookies, one that was compared may say that they chose with it on.
    if (page.prerendering || gate.api_.get()?.gpc) return;
    await start();
    fill();
    turn(gate.manifest_.g, false);
    return decide(action, action);
  }
  const some = typeof names == "string" ? [names] : names;
  // A page may give these functions to a button as they are: an event is no list of names.
  if (!/accept|save/.test(action) || !Array.isArray(some)) return decide(action, source);
  const known = [...inputs()].map(nameOf);
  const strange = some.find((name) => !known.includes(name));
  if (strange !== undefined) throw new Error(`consent: visitors are asked about no category or service "${strange}"`);
  await start();
  fill();
  if (action == "accept") turn(some, true);
  else for (const input of inputs()) input.checked = some.includes(nameOf(input));
  return decide("save", source);
});

export const accept = (caller, names) => act(caller, "accept", names);
export const refuse = (caller) => act(caller, "refuse");
export const withdraw = (caller) => act(caller, "withdraw");

/** Loads the preferences: somebody seems about to ask for them, or needs them elsewhere. */
export const preferences = serve(() => prepare());

/** Whether the visitor has yet to answer: a browser's signal alone is no answer, unless it took back what they had agreed to; and some
 * sites ask again. */
const isOpen = () => {
  const claims = gate.api_.get();
  return !claims || (claims.act == "signal" && !claims.prev) || gate.again_?.();
};

/** For developers: a page whose address ends in #consent-log tells its console what is held back, and why. */
const log = () => {
  if (/consent-log/.test(location)) import(gate.base_ + "log.js").then((module) => module.log(gate), () => {});
};

// ── The module ──────────────────────────────────────────────────────────────────────────────────────────────────────

let started;
let mind; // the module, in WebAssembly or in plain JavaScript

const start = () =>
  (started ||= (async () => {
    try {
      const file = await fetch(gate.base_ + "banner.wasm");
      const { instance } = await WebAssembly.instantiate(await file.arrayBuffer(), imports);
      __wbg_set_wasm(instance.exports);
      mind = { cookie, decide: judge, follow, must_go };
    } catch {
      // No WebAssembly in this browser, or under this page's policy.
      mind = await import(gate.base_ + "plain.js");
    }
  })().catch((problem) => {
    started = 0; // the next click tries again
    throw problem;
  }));

// ── The notice ──────────────────────────────────────────────────────────────────────────────────────────────────────

let mounted;
let view; // { host, root, first, status }, once mounted

const mount = () =>
  (mounted ||= place().catch((problem) => {
    mounted = gate.notice_ = 0; // the next click tries again
    throw problem;
  }));

const fetchNotice = (language, kind) => fetch(gate.base_ + language + kind);

/** Puts a file of the notice into a shadow root: its style, and the rest. */
const put = async (file, shadow) => {
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
  listen();

  await body();
  page.querySelector(host.localName)?.remove(); // left by an attempt that failed later
  // Beside the body: its children keep their places in the page's style sheets, and a page may change it as a whole.
  page.body.before(host);
  const sync = gate.sync_;
  gate.sync_ = () => {
    if (!host.isConnected) page.body?.before(host);
    return sync();
  };
  // The choice was made elsewhere: in another tab, or by a placeholder.
  page.addEventListener("consent:change", () => isOpen() || hideFirst());
};

/** Waits for the page's body; a banner that comes with it is in the first frame. */
const body = () =>
  new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!page.body) return;
      observer.disconnect();
      resolve();
    });
    if (page.body) resolve();
    else observer.observe(document, { childList: true, subtree: true });
  });

const inputs = () => view.root.querySelectorAll("input");
const nameOf = (input) => input.getAttribute("data-service") || input.getAttribute("data-category");

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
  for (const input of inputs()) input.checked = gate.allows(nameOf(input));
};

/** Announces. What went wrong is seen, too, until something else is said. */
const say = (words, kind = "unseen") => {
  const { status } = view;
  status.textContent = "";
  status.className = kind;
  setTimeout(() => (status.textContent = words)); // so that the same words are announced again
};

const showFirst = () => {
  const { first } = view;
  const signal = first.querySelector("[data-signal]");
  if (signal) signal.hidden = navigator.globalPrivacyControl !== true;
  first.hidden = false;
  makeRoom(() => say(first.querySelector("h2").textContent));
};

const hideFirst = () => {
  if (view.first.hidden) return;
  view.first.hidden = true;
  makeRoom();
};

/** A frame after the visitor has seen it come or go: the page is laid out anew for this, which no picture and no script should wait for. */
const makeRoom = (shown) =>
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

// ── The preferences: loaded when they are asked for ─────────────────────────────────────────────────────────────────

let prepared; // their script and their part of the notice, on their way
let dialog; // once they are there
let fresh = ""; // a script that failed to load stays failed under the same address

const prepare = () =>
  (prepared ||= (async () => {
    const more = () => fetchNotice(gate.language_(), ".preferences.html");
    const [module, file] = await Promise.all([import(gate.base_ + "preferences.js" + fresh), mount().then(more)]);
    const { host, root } = view;
    await put(file, host.shadowRoot);
    const made = module.wire(gate, { host_: host, root_: root, inputs_: inputs, nameOf_: nameOf, fill_: fill, turned_: turned, decide_: decide, close_: close });
    dialog = made.dialog_;
    return made;
  })().catch((problem) => {
    prepared = 0; // the next click tries again
    fresh += "?";
    throw problem;
  }));

const inPreferences = () => dialog?.open;

/** A switch was turned: others may go with it. */
const turned = async (input) => {
  await start();
  mind.follow(view.root, input);
};

const openPreferences = async (list) => {
  try {
    const { show_: show } = await prepare();
    show(list); // before the first layer goes: the focus comes back to what had it
  } catch (problem) {
    // The first layer stays, and the next click tries again.
    say(view.status.dataset.failed, "failed");
    throw problem;
  }
  say("");
  hideFirst();
};

/** Closes the dialog and changes nothing: without a choice, the first layer asks on. */
const close = () => {
  if (isOpen()) showFirst();
  dialog.close();
};

// ── What visitors do ────────────────────────────────────────────────────────────────────────────────────────────────

const listen = () => {
  const { root, first } = view;
  const actionOf = ({ target }) => target.closest("[data-consent-action]")?.dataset.consentAction;
  const opens = /^(choose|list)$/;
  // What a script clicks, no visitor has: it is taken for a call of the page's.
  const decideHere = (action, { isTrusted }) => decide(action, isTrusted ? "banner" : "api").catch(() => {});

  root.addEventListener("click", (event) => {
    const action = actionOf(event);
    if (opens.test(action)) openPreferences(action == "list").catch(() => {});
    else if (action) decideHere(action, event);
  });
  for (const sign of ["pointerover", "focusin", "touchstart"]) {
    root.addEventListener(sign, (event) => opens.test(actionOf(event)) && prepare().catch(() => {}), { passive: true });
  }
  first.addEventListener("keydown", (event) => event.key == "Escape" && decideHere("dismiss", event));
  for (const intent of ["pointerover", "focusin"]) first.addEventListener(intent, warm, { once: true });
};

/** Takes a decision that nobody hears of, between the pointer's coming and the click: browsers compile what is called, which need not
 * be in the click's way. */
const warm = () => start().then(() => mind.decide(view.root, "save", "banner"), () => {});

/** Hides the notice at once, and does the work when the visitor has seen it go. A signal is not the visitor's act, and hides nothing. */
const decide = async (action, source) => {
  const fromDialog = inPreferences();
  if (action != "signal") {
    hideFirst();
    dialog?.close();
    await painted();
  }
  let value;
  try {
    await start();
    const { sub: subject = "", jti: previous = "" } = gate.api_.get() ?? {};
    const gpc = navigator.globalPrivacyControl === true ? "1" : "";
    Object.assign(view.root.dataset, { subject, previous, gpc });
    value = mind.decide(view.root, action, source);
    if (!value) throw new Error("consent: this browser's clock or this notice cannot be used");
  } catch (problem) {
    // Nothing was decided, so the question stands.
    if (fromDialog) dialog.showModal();
    else if (isOpen()) showFirst();
    throw problem;
  }
  // What is under way belongs to the choice before, and its answer must not set the cookie any more. It is sent again.
  flight.abort();
  flight = new AbortController();
  const { jti, exp } = claimsOf(value);
  latest = value;
  keep(value, exp);
  const stuck = gate.apply_(value);
  // On a site without a server, records are the visitor's own.
  if (!gate.manifest_.u) remember(QUEUE + jti, textOf(value));
  tell();
  setTimeout(tell, 500);
  sweep();
  setTimeout(sweep); // scripts that still ran may have set their cookies again
  say(view.status.dataset.saved);
  const sent = sendAll(true);
  if (stuck) {
    await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    restart();
  }
};

/** Tells the other tabs to read the cookie. More than once: a cookie reaches their processes by another way than the message. */
const tell = () => new BroadcastChannel("consent").postMessage(0);

/** Ends what cannot be stopped otherwise, unless the site's owner has chosen to leave it until the page is left. */
const restart = () => {
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
    page.cookie = text;
  } catch {}
};

/** Keeps a value in the cookie until the second that its claim `exp` names; 0 deletes the cookie. Copies that are left of another path
 * or domain would speak beside it: they go. */
const keep = (value, exp) => {
  const write = () => setCookie(mind.cookie(view.root, value, exp && exp - Date.now() / 1000, secure));
  const names = [...new Set([...gate.manifest_.k, "__Host-" + gate.manifest_.k[0]])];
  const isOurs = ([name, kept]) => names.includes(name) && !isTheirs(kept);
  write();
  if (cookies().filter(isOurs).length > (value ? 1 : 0)) {
    for (const name of names) erase(name, isTheirs);
    write();
  }
  // A browser that did not take it must not go back to an older one on this page.
  if (value && !gate.stored_().includes(value)) gate.stored_ = () => [value];
};

/** All cookies of the page, as names and values. */
const cookies = () => {
  try {
    return page.cookie.split("; ").map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
  } catch {
    return [];
  }
};

/** Whether a cookie of our name holds a choice of another site: several may share a host. */
const isTheirs = (value) => {
  const { aud = site() } = claimsOf(value) ?? {};
  return aud != site();
};

/** The site's id: the notices lie in {server}/s/{site}/{digest}/, or where the owner has put them. */
const site = () => view?.root.dataset.site ?? gate.base_.split("/").at(-3);

/** The JSON of a cookie value, a receipt or an unsigned record, and its claims. */
const textOf = (value) => atob((value.split(".")[1] ?? value).replace(/-/g, "+").replace(/_/g, "/"));
const claimsOf = (value) => {
  try {
    return JSON.parse(textOf(value));
  } catch {}
};

/** Deletes the cookies and the storage of the services whose switches are off. */
const sweep = () => {
  const mustGo = (attribute) => (name) => mind.must_go(view.root, attribute, name);
  try {
    cookies().map(([name]) => name).filter(mustGo("data-cookies")).map((name) => erase(name));
  } catch {}
  for (const [storage, attribute] of [["localStorage", "data-storage"], ["sessionStorage", "data-session-storage"]]) {
    try {
      Object.keys(window[storage]).filter(mustGo(attribute)).map((name) => window[storage].removeItem(name));
    } catch {}
  }
};

/** Deletes a cookie wherever it may be: scripts see its name, but not its domain and path. What `spares` of its values stays. */
const erase = (name, spares) => {
  const domains = [""];
  // A leading dot would mean the same (RFC 6265 §5.2.3).
  for (let host = location.hostname; host; host = host.replace(/^[^.]*\.?/, "")) domains.push("; Domain=" + host);
  const valuesOf = () => (spares ? cookies().filter(([its]) => its == name) : []);
  let path = "";
  for (const part of location.pathname.split(/(\/)/)) {
    path += part;
    for (const domain of domains) {
      const before = valuesOf();
      const place = "; Path=" + path + domain + (secure ? "; Secure" : "");
      setCookie(name + "=; Max-Age=0" + place);
      // Which one it is that stood here shows when it is gone.
      const after = valuesOf().map(([, value]) => value);
      if (after.length == before.length) continue;
      const [, gone] = before.find(([, value]) => !after.includes(value)) ?? [];
      if (gone && spares(gone)) setCookie(`${name}=${gone}; Max-Age=${claimsOf(gone).exp - Math.floor(Date.now() / 1000)}; SameSite=Lax${place}`);
    }
  }
};

// ── Several cookies of one name ─────────────────────────────────────────────────────────────────────────────────────

/** What stands for several cookies, where they do not agree. */
let joint;

/** Finds out what several cookies grant, now and whenever there are several: the gate alone grants nothing then. Other settings, other
 * paths or a sibling of this host have set them. Of each consent id the newest counts, and the newest of all stands; but nothing is
 * granted that one of the others refuses, so that a cookie which somebody planted takes away and never gives. */
const compare = () => {
  if (joint !== undefined) return;
  joint = "";
  const { stored_: stored } = gate;
  gate.stored_ = () => {
    const values = stored();
    return values.length > 1 ? [ofSeveral(values)] : values;
  };
  const values = stored();
  if (values.length < 2) return;
  const one = ofSeveral(values);
  if (one != joint) start().then(() => keep(one, claimsOf(one).exp), () => {});
  gate.apply_(one);
};

const ofSeveral = (values) => {
  const all = inOrder(values).map(claimsOf);
  const newest = all.at(-1);
  const groups = [...new Map(all.map((claims) => [claims.sub, claims])).values()];
  const own = (object, name) => ({ __proto__: null, ...object })[name];
  const grants = ({ services, choices }, name, category) => (own(services, name) ?? own(choices, category)) === true;
  const claims = { ...newest, choices: {}, services: {} };
  let agree = true;
  for (const [name, category] of Object.entries(gate.manifest_.c)) {
    if (category === 1) continue;
    const granted = groups.every((one) => grants(one, name, category));
    claims[name == category ? "choices" : "services"][name] = granted;
    agree &&= granted == grants(newest, name, category);
  }
  // Those that say no less than the newest are no loss.
  if (agree) return inOrder(values).at(-1);
  joint = btoa(JSON.stringify(claims).replace(/[^ -~]/g, "?")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  return joint;
};

/** Values in the order of their time, which ids begin with. Of one record, the receipt comes after it: `eyJhbGci` after `eyJhY3Qi`. */
const inOrder = (values) =>
  values
    .map((value) => [claimsOf(value)?.jti, value])
    .sort()
    .map(([, value]) => value);

// ── The server ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** What this browser keeps for all tabs and visits; where it may not, until the page is left. */
const memory = {};
const keyOf = (name) => `consent:${site()}:${name}`;

const remember = (name, value) => {
  const key = keyOf(name);
  delete memory[key];
  try {
    if (value) localStorage[key] = value;
    else localStorage.removeItem(key);
  } catch {
    if (value) memory[key] = value;
  }
};

const remembered = () => {
  try {
    return { ...memory, ...localStorage };
  } catch {
    return memory;
  }
};

const recall = (name) => remembered()[keyOf(name)];

// One entry for each record that the server has not got. Tabs share them; none reads and rewrites what another adds.
const QUEUE = "unsent:";

/** Unsent records by id: ids begin with the time, so the oldest comes first in their order. */
const unsent = () => {
  const prefix = keyOf(QUEUE);
  const records = new Map();
  const value = standing();
  // What the cookie keeps is unsent as long as it is not signed; the server may have refused it for good.
  if (value && !value.includes(".") && gate.api_.get()?.jti != recall("refused")) records.set(claimsOf(value).jti, textOf(value));
  for (const [key, record] of Object.entries(remembered())) {
    if (key.startsWith(prefix)) records.set(key.slice(prefix.length), record);
  }
  return [...records].sort();
};

/** The value of the last choice that this page knows of its own making. */
let latest;

/** The value of the cookie, where there is one that counts. */
const standing = () => {
  const [value, more] = gate.stored_();
  return more || value == joint ? undefined : value;
};

let flight = new AbortController();
let sending = Promise.resolve();
let timer;

/** Sends the queue, oldest first; what fails is tried again after a pause that doubles, on this page or a later one. Neither a new choice
 * nor a network that is back waits for that. */
const sendAll = (now) =>
  (sending = sending.then(async () => {
    if (gate.manifest_.u) return; // no server takes records
    const [until = 0, pause = 0] = (recall("retry") ?? "").split(" ").map(Number);
    const left = until - Date.now();
    // A clock that was set back must not make a pause of years.
    if (!now && left > 0 && left <= LONGEST_PAUSE) return again(left);
    // One tab at a time, where the browser can do that; the server takes a repeated record for the same.
    const work = () => drain().catch(() => 0);
    const wait = await (navigator.locks?.request(keyOf(QUEUE), work) ?? work());
    if (wait === undefined) return remember("retry", "");
    const next = Math.min(Math.max(pause * 2, PAUSE, wait), LONGEST_PAUSE);
    remember("retry", Date.now() + next + " " + next);
    again(next);
  }));

const again = (wait) => {
  clearTimeout(timer);
  timer = setTimeout(sendAll, wait);
  addEventListener("online", sendAll); // the same one is added once
};

/** Sends until the queue is empty. Answers with the milliseconds to wait where the server asks to be left alone. */
const drain = async () => {
  // The notices lie in {server}/s/{site}/{digest}/.
  const address = new URL(`../../../v1/sites/${site()}/consents`, gate.base_);
  // text/plain needs no permission from another origin first.
  const type = address.origin == location.origin ? "application/json" : "text/plain";
  for (let first; ([first] = unsent()), first; ) {
    const [id, body] = first;
    const isCurrent = () => gate.api_.get()?.jti == id;
    const before = standing();
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": type },
      body,
      // The server knows a browser's own records by a cookie that no script sees.
      credentials: "include",
      keepalive: true,
      signal: flight.signal,
    });
    const { status } = answer;
    if (status != 201 && (status < 400 || status >= 500 || status == 429 || status == 408)) {
      return 1000 * answer.headers.get("Retry-After") || 0;
    }
    const said = await answer.json();
    if (status == 201) {
      remember(QUEUE + id);
      // By a clock that is far ahead, the receipt has ended already: the choice that was made here stands until the page is left.
      const counts = Date.parse(said.expires_at) > Date.now();
      // It is taken as it comes: the server may have given it another consent id. The answer to an older record may have set the cookie,
      // and must not stand in the place of a newer choice.
      await settle(inOrder([before, latest, isCurrent() && counts && said.receipt].filter(Boolean)).at(-1));
    } else {
      remember(QUEUE + id);
      remember("refused", id);
      if (isCurrent() && said.code == "notice_outdated") return askAgain();
    }
  }
};

/** Makes a value the choice that stands, if there is one. */
const settle = async (value) => {
  if (!value) return;
  latest = value;
  // The answer may have come from another host; or the visitor has chosen anew before it came.
  if (standing() != value) {
    await mount();
    await start();
    // And once more meanwhile, perhaps.
    if (latest != value) return;
    keep(value, claimsOf(value).exp);
  }
  gate.apply_(value);
  tell();
};

/** The notice changed while it was shown: what was decided does not count, and the page asks anew with the new gate. */
const askAgain = async () => {
  await mount();
  await start();
  keep("", 0);
  gate.apply_("");
  await fetch(new URL("../consent.js", gate.base_), { cache: "reload", mode: "no-cors" });
  location.reload();
};
