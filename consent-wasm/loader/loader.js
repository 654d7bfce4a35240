// The loader: the banner's hands. It puts the notice in place, shows and hides it, passes what visitors do to the module, keeps
// what comes of it, and sends it. The notice is there before the module is: a click made early waits for it.
import init, * as module from "glue";

/** How many unsent records are kept: storage is shared with the page. */
const MOST = 20;

/** How long a reload waits for the server, in milliseconds; the record is in the queue anyway. */
const PATIENCE = 2000;

/** Shows a layer: "first", or "preferences". */
export const open = async (gate, layer) => {
  await mount(gate);
  if (layer == "preferences") showPreferences(gate);
  // The page may have decided by itself while the notice was on its way.
  else if (!gate.claims()) showFirst();
};

/** Does what the page asks for: "accept" (all, or the names), "refuse", "withdraw", or "send" what is unsent. */
export const act = async (gate, action, names) => {
  await mount(gate);
  if (action == "send") return send(gate, gate.value());
  if (!names) return decide(gate, action, "api");
  await start();
  fill();
  for (const input of inputs()) {
    if (names.includes(nameOf(input))) {
      input.checked = true;
      module.follow(view.root, input);
    }
  }
  return decide(gate, "save", "api");
};

// ── The module ──────────────────────────────────────────────────────────────────────────────────────────────────────

let started;

const start = () =>
  (started ||= init({ module_or_path: new URL("banner.wasm", import.meta.url) }).catch((problem) => {
    started = 0; // the next click tries again
    throw problem;
  }));

start().catch(() => {}); // early, beside the notice; whoever needs it hears of a failure

// ── The notice ──────────────────────────────────────────────────────────────────────────────────────────────────────

let mounted;
let view; // { root, first, dialog, status }, once mounted

const mount = (gate) => (mounted ||= place(gate));

const place = async (gate) => {
  const answer = await gate.notice;
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
  const { s: site, v: scope, k: cookie } = gate.m;
  Object.assign(view.root.dataset, { site, scope, cookie }); // for the module
  listen(gate);

  while (!document.body) await new Promise((resolve) => setTimeout(resolve));
  document.querySelector(host.localName)?.remove(); // left by an attempt that failed later
  document.body.prepend(host);
};

const inputs = () => view.root.querySelectorAll("input");
const nameOf = ({ dataset }) => dataset.service || dataset.category;

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
  const { root, dialog } = view;
  if (dialog.open) return;
  fill();
  const claims = gate.claims();
  const date = (seconds) => new Date(seconds * 1000).toLocaleDateString(root.lang, { dateStyle: "long" });
  const shown = (selector, is) => (root.querySelector(selector).hidden = !is);
  shown("[data-current]", claims);
  shown("[data-consent-action=withdraw]", claims && Object.values({ ...claims.choices, ...claims.services }).includes(true));
  if (claims) {
    const texts = { decided: date(claims.dat), expires: date(claims.exp), subject: claims.sub };
    for (const name in texts) root.querySelector(`[data-${name}]`).textContent = texts[name];
  }
  dialog.showModal(); // before the first layer goes: the focus comes back to what had it
  hideFirst();
  dialog.querySelector("h2").focus();
};

/** Closes the dialog and changes nothing: without a choice, the first layer asks on. */
const closePreferences = (gate) => {
  if (!gate.claims()) showFirst();
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
  root.addEventListener("change", ({ target }) => start().then(() => module.follow(root, target), () => {}));
  first.addEventListener("keydown", ({ key }) => key == "Escape" && decideHere("dismiss"));
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    closePreferences(gate);
  });
};

/** Hides the notice at once, and does the work when the visitor has seen it go. */
const decide = async (gate, action, source) => {
  const fromDialog = view.dialog.open;
  hideFirst();
  view.dialog.close();
  await painted();
  let value;
  try {
    await start();
    const { sub: subject = "", jti: previous = "" } = gate.claims() ?? {};
    const gpc = navigator.globalPrivacyControl === true ? "1" : "";
    Object.assign(view.root.dataset, { subject, previous, gpc });
    value = module.decide(view.root, action, source);
    if (!value) throw new Error("consent: this browser's clock or this notice cannot be used");
  } catch (problem) {
    // Nothing was decided, so the question stands.
    if (fromDialog) showPreferences(gate);
    else if (!gate.claims()) showFirst();
    throw problem;
  }
  const record = atob(value.replace(/-/g, "+").replace(/_/g, "/"));
  keep(value, JSON.parse(record).exp);
  store(gate, unsent(gate) + record + "\n");
  const stuck = gate.apply(value);
  sweep();
  setTimeout(sweep); // scripts that still ran may have set their cookies again
  view.status.textContent = view.status.dataset.saved;
  setTimeout(() => (view.status.textContent = ""), 5000); // so that the same words are announced again
  const sent = send(gate, value);
  if (stuck) {
    await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    sweep();
    location.reload();
  }
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
const keep = (value, exp) => setCookie(module.cookie(view.root, value, exp && exp - Date.now() / 1000, secure));

let unstored = ""; // the queue, where storage is blocked or full

/** The records that the server has not got: JSON, one a line, oldest first. Read anew each time: other tabs send and queue too. */
const unsent = ({ m }) => {
  try {
    return (localStorage.getItem(queueOf(m.s)) ?? "") + unstored;
  } catch {
    return unstored;
  }
};

const store = ({ m }, all) => {
  const lines = all.split("\n").slice(-MOST - 1).join("\n");
  unstored = "";
  try {
    if (lines) localStorage.setItem(queueOf(m.s), lines);
    else localStorage.removeItem(queueOf(m.s));
  } catch {
    unstored = lines;
  }
};

const queueOf = (site) => "consent:" + site + ":unsent";

/** Deletes the cookies and the storage of the services whose switches are off. */
const sweep = () => {
  const mustGo = (attribute) => (name) => module.must_go(view.root, attribute, name);
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

let sending = Promise.resolve();

/** Sends the queue, oldest first. `value` is the cookie value that stands. */
const send = (gate, value) => (sending = sending.then(() => drain(gate, value)).catch(() => {}));

const drain = async (gate, value) => {
  await start();
  // The notices lie in {server}/s/{site}/{digest}/.
  const address = new URL(`../../../v1/sites/${gate.m.s}/consents`, gate.base);
  // text/plain needs no permission from another origin first.
  const type = address.origin == location.origin ? "application/json" : "text/plain";
  for (let body; ([body] = unsent(gate).split("\n")), body; ) {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": type },
      body,
      credentials: "include",
      keepalive: true,
    });
    const { status } = answer;
    if (status >= 500 || status == 429 || status == 408) return; // the next visit tries again
    store(gate, unsent(gate).replace(body + "\n", ""));
    const isCurrent = () => gate.claims()?.jti == JSON.parse(body).jti;
    if (status == 201) {
      const { receipt } = await answer.json();
      if (isCurrent()) gate.apply((value = receipt));
      // The answer may have come from another host, or with the receipt of an older record.
      if (gate.claims() && gate.value() != value) keep(value, gate.claims().exp);
    } else if (status == 409 && isCurrent() && (await answer.json()).code == "notice_outdated") {
      return askAgain(gate);
    }
  }
};

/** The notice changed while it was shown: what was decided does not count, and the page asks anew with the new gate. */
const askAgain = async (gate) => {
  keep("", 0);
  gate.apply(null);
  await fetch(new URL("../consent.js", gate.base), { cache: "reload", mode: "no-cors" });
  location.reload();
};
