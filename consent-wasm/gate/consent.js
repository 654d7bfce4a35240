// The gate: the one script of a site. It runs before the page's own scripts, reads the choice, and releases what was granted.
// It holds everything else back, and loads the banner only when there is something to ask or to send.
// `__MANIFEST__` becomes the site's manifest when the site is published: see `Manifest` in consent.d.ts.
((manifest) => {
  // A second copy on the same page would release everything twice.
  if (window.consent?.when) return;

  const page = document;

  // ── The choice ────────────────────────────────────────────────────────────────────────────────────────────────────

  let value; // the cookie value that stands
  let state; // its claims

  /** The claims of a cookie value. A receipt has 3 parts, an unsigned record 1; anything broken is no choice. */
  const parse = (text) => {
    try {
      const parts = text.split(".");
      const payload = parts[{ 1: 0, 3: 1 }[parts.length]];
      const claims = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/")));
      if (claims.aud == manifest.s && claims.scope == manifest.v && claims.exp * 1000 > Date.now() && claims.choices) {
        return claims;
      }
    } catch {}
  };

  /** The first cookie of our name that holds a choice: several paths and domains may each have set one. */
  const stored = () => {
    try {
      const pairs = page.cookie.split("; ").map((cookie) => cookie.split("="));
      return pairs.find(([name, text]) => name == manifest.k && parse(text))[1];
    } catch {
      // None, or a sandboxed frame, which may not even ask.
    }
  };

  /** Whether a category or service may run now. What the site did not declare never may. */
  const allows = (name) => {
    if (manifest.x.includes(name)) return true;
    for (const category in manifest.c) {
      const choice = state?.choices[category];
      if (category == name) return choice === true;
      if (manifest.c[category].includes(name)) return (state?.services?.[name] ?? choice) === true;
    }
    return false;
  };

  // ── Holding back and releasing ────────────────────────────────────────────────────────────────────────────────────

  const gated = "[data-category],[data-service]";
  const parsing = () => page.readyState == "loading";

  /** Gated elements in the order of the page: held (undefined), released (how to stop it), or running for good (0). */
  const elements = new Map();

  const after = (script, next) => {
    script.addEventListener("load", next);
    script.addEventListener("error", next);
  };

  let last; // the last script in order that is still loading

  /** Puts a live script where the held one stands. Scripts in order wait for each other; one that fails stops none. */
  const run = (script) => {
    const { type = "", src = script.getAttribute("src") } = script.dataset;
    const live = page.createElement("script");
    for (const { name, value } of script.attributes) live.setAttribute(name, value);
    live.type = type;
    live.nonce = script.nonce; // its attribute reads as empty
    live.text = script.text;
    live.async = script.hasAttribute("async"); // true by itself in a script made by script
    if (src) live.src = src;

    const insert = () => script.replaceWith(live);
    if (src || type == "module") {
      if (!live.async) {
        last = live;
        after(live, () => last == live && (last = 0));
      }
      insert();
    } else if (last) after(last, insert);
    else insert();
    return 0;
  };

  /** Releases an element, and answers what stops it again: a function, or 0 where only a reload does. */
  const release = (element) => {
    if (element.type == "text/plain") return run(element);

    if (element.content) {
      const copy = page.importNode(element.content, true);
      const nodes = [...copy.childNodes];
      // Its scripts become gated ones, with its category and service, and so keep their turn.
      for (const script of copy.querySelectorAll("script:not([type='text/plain'])")) {
        Object.assign(script.dataset, element.dataset, { type: script.type });
        script.type = "text/plain";
      }
      element.after(copy);
      return () => nodes.map((node) => node.remove());
    }

    const spare = element.cloneNode(true);
    for (const name of ["src", "srcset", "href"]) {
      const address = element.dataset[name];
      if (address) element.setAttribute(name, address);
    }
    // Frames and players do not stop for an attribute that is taken away.
    return () => element.replaceWith(spare);
  };

  /** Whether the parser has moved past an element, so that its text is whole; late ones come when it is done. */
  const whole = (element, late) => {
    if (!parsing()) return true;
    for (let node = element; node && !late; node = node.parentNode) if (node.nextSibling) return true;
  };

  /** Brings the page in line with the choice; deferred scripts after the others. Answers whether something goes on that only a reload stops. */
  const sync = () => {
    let stuck = false;
    for (const late of [false, true]) {
      for (const [element, stop] of elements) {
        const { service, category, type } = element.dataset;
        if (stop !== 0 && !element.isConnected) elements.delete(element);
        else if (allows(service || category)) {
          // Not its property `async`, which is true in a script that the parser could not run.
          const waits = !element.hasAttribute("async") && (element.defer || type == "module");
          if (stop === undefined && !waits == !late && whole(element, late)) elements.set(element, release(element));
        } else if (stop) {
          stop();
          elements.set(element);
        } else if (stop === 0) stuck = true;
      }
    }
    settle();
    return stuck;
  };

  const collect = (root) => {
    for (const element of [root, ...(root.querySelectorAll?.(gated) ?? [])]) {
      if (element.matches?.(gated) && !elements.has(element)) elements.set(element);
    }
  };

  // ── The banner ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The language of the notice: the page's, else the visitor's, else the site's first. */
  const language = () => {
    for (const tag of [page.documentElement.lang, ...navigator.languages]) {
      for (const wanted of [tag, tag.split("-")[0]]) {
        for (const code of manifest.l) if (code.toLowerCase() == wanted.toLowerCase()) return code;
      }
    }
    return manifest.l[0];
  };

  let banner;
  let retry = ""; // a module that failed to load stays failed under the same address

  /** Calls a function of the banner; a failure to load it leaves all held back, and the next call tries again. */
  const call = (name, ...values) => {
    banner ||= Promise.all([import(gate.base + "banner.js" + retry), (gate.notice = fetch(gate.base + language() + ".html"))]);
    return banner
      .then(([module]) => module[name](gate, ...values))
      .catch((problem) => {
        banner = 0;
        retry += "?";
        throw problem;
      });
  };

  const open = (layer = "preferences") => call("open", layer);
  const quiet = (promise) => promise.catch(() => {});

  // ── The page's side ───────────────────────────────────────────────────────────────────────────────────────────────

  let ready;
  const get = () => parse(value) ?? null;
  const emit = (name) => page.dispatchEvent(new CustomEvent("consent:" + name, { bubbles: true, detail: get() }));

  /** Once there is a choice: shows the button that reopens the banner, and tells the page. */
  const settle = () => {
    if (ready || !state || parsing()) return;
    ready = true;
    const label = manifest.b?.[language()];
    if (label) {
      const button = page.createElement("button");
      button.textContent = label;
      button.dataset.consentOpen = "";
      // Through the CSSOM: a strict policy allows no style attributes. System colours follow light and dark.
      button.style.cssText =
        "position:fixed;bottom:9px;inset-inline-" + (manifest.i == "right" ? "end" : "start") + ":9px;z-index:9999;" +
        "width:auto;margin:0;padding:6px 12px;border:1px solid;border-radius:2em;" +
        "font:13px system-ui;color-scheme:light dark;color:CanvasText;background:Canvas";
      page.body.append(button);
    }
    emit("ready");
  };

  const gate = {
    m: manifest,
    base: new URL(manifest.p + "/", page.currentScript.src).href,
    value: stored,
    claims: get,
    /** Makes a cookie value the choice that stands; null forgets it. Answers whether only a reload stops what is now refused. */
    apply: (text) => {
      const before = state?.jti;
      state = parse(text);
      value = state && text;
      const stuck = sync();
      if (state?.jti != before) emit("change");
      return stuck;
    },
  };

  window.consent = {
    get,
    allows,
    when: (name) =>
      new Promise((resolve) => {
        const check = () => allows(name) && resolve();
        check();
        page.addEventListener("consent:change", check);
      }),
    open,
    accept: (names) => call("act", "accept", names),
    refuse: () => call("act", "refuse"),
    withdraw: () => call("act", "withdraw"),
    receipt: () => (/\./.test(value) ? value : null),
    on: (name, listener) => {
      const hear = () => listener(get());
      page.addEventListener("consent:" + name, hear);
      if (ready && name == "ready") hear();
      return () => page.removeEventListener("consent:" + name, hear);
    },
  };

  page.addEventListener("click", (event) => {
    // The path sees into the shadow trees of the page's own components.
    if (event.composedPath().some((node) => node.dataset?.consentOpen != null)) {
      event.preventDefault();
      quiet(open());
    }
  });
  page.addEventListener("readystatechange", sync);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) addedNodes.forEach(collect);
    sync();
  }).observe(page, { childList: true, subtree: true });

  collect(page);
  state = parse((value = stored()));
  sync();
  if (!state) quiet(open("first"));
  else {
    try {
      // Records that could not be sent: the banner sends them without showing itself.
      if (localStorage["consent:" + manifest.s + ":unsent"]) quiet(call("act", "send"));
    } catch {
      // Storage is blocked.
    }
  }
})(__MANIFEST__);
