// The gate: the one script of a site. It runs before the page's own scripts, reads the choice, and releases what was granted.
// It holds everything else back, and loads the banner only when there is something to ask or to send.
// When a site is published, `__MANIFEST__` becomes its manifest (see `Manifest` in consent.d.ts), and `__PARTS__` those of `parts/`
// that it uses: functions that wrap what the object `gate` holds. Names that end in `_` are shortened, alike in all scripts.
((manifest, parts) => {
  // A second copy on the same page would release everything twice.
  if (window.consent?.when) return;

  // ── The choice ────────────────────────────────────────────────────────────────────────────────────────────────────

  let value; // the cookie value that stands
  let state; // its claims

  /** The claims of a cookie value. A receipt has 3 parts, an unsigned record 1; anything else is no choice. */
  const parse = (text) => {
    try {
      const parts = text.split(".");
      const claims = JSON.parse(atob(parts[parts.length == 3 ? 1 : 0].replace(/-/g, "+").replace(/_/g, "/")));
      // The scope names the site, too.
      if (claims.scope.startsWith(manifest.v) && claims.exp * 1000 > Date.now() && claims.choices) {
        return claims;
      }
    } catch {}
  };

  /** The first cookie of our name that holds a choice, and none older than the one that stands: several paths and domains may each have
   * set one, and an answer that comes late may bring back the choice before. Ids begin with the time. */
  const stored = () => {
    try {
      for (const pair of document.cookie.split("; ")) {
        const [name, text] = pair.split("=");
        if (name == manifest.k && parse(text)?.jti >= (state?.jti ?? "")) return text;
      }
    } catch {
      // None, or a sandboxed frame, which may not even ask.
    }
  };

  /** Whether a category or service may run now. What the site did not declare never may. */
  const allows = (name) => {
    const category = manifest.c[name];
    return category === 1 || (!!category && (state?.services?.[name] ?? state?.choices[category]) === true);
  };

  // ── Holding back and releasing ────────────────────────────────────────────────────────────────────────────────────

  const parsing = () => document.readyState == "loading";
  const gated = "[data-category],[data-service]";

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
    // Not a copy: a script that innerHTML has made never runs, and neither does its copy.
    const live = document.createRange().createContextualFragment(script.outerHTML).firstChild;
    live.nonce = script.nonce; // its attribute reads as empty
    live.type = type;
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
      const copy = element.content.cloneNode(true);
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
    for (const name in element.dataset) if (/^(src|href)/.test(name)) element.setAttribute(name, element.dataset[name]);
    // Frames and players do not stop for an attribute that is taken away.
    return () => element.replaceWith(spare);
  };

  /** Whether the parser has moved past an element, so that its text is whole. */
  const whole = (node) => node && (node.nextSibling || whole(node.parentNode));

  const observer = new MutationObserver((changes) => {
    // By what holds the new nodes: the parser adds them one by one, and scripts many at once.
    for (const target of new Set(changes.map((change) => change.target))) gate.collect_(target);
    gate.sync_();
  });

  // ── The banner ────────────────────────────────────────────────────────────────────────────────────────────────────

  let retry = ""; // a module that failed to load stays failed under the same address

  /** Calls a function of the banner; a failure to load it leaves all held back, and the next call tries again. */
  const call = async (name, ...values) => {
    gate.banner_ ||= Promise.all([import(gate.base_ + "banner.js" + retry), (gate.notice_ = fetch(gate.base_ + gate.language_() + ".html"))]).catch((problem) => {
      gate.banner_ = 0;
      retry += "?";
      throw problem;
    });
    const [module] = await gate.banner_;
    return module[name](gate, ...values);
  };

  /** The same, where nobody waits for it. */
  const ask = (...values) => call(...values).catch(() => {});

  // ── The page's side ───────────────────────────────────────────────────────────────────────────────────────────────

  let ready;
  const get = () => parse(value) || null;
  const emit = (name) => document.dispatchEvent(new CustomEvent("consent:" + name, { detail: get() }));

  /** What the banner and the parts work with, and may wrap. */
  const gate = {
    manifest_: manifest,
    base_: new URL(manifest.p + "/", document.currentScript.src).href,
    elements_: elements,
    allows,
    call_: call,
    /** The language of the notice: the page's, else the visitor's, else the site's first. */
    language_: () => {
      for (const tag of [document.documentElement.lang, ...navigator.languages, manifest.l.at(-1)]) {
        for (const code of manifest.l) if (RegExp("^" + code + "\\b", "i").test(tag)) return code;
      }
    },
    value_: stored,
    claims_: get,
    /** Whether an element may be there now. */
    may_: ({ dataset }) => gate.allows(dataset.service || dataset.category),
    collect_: (root) => {
      for (const element of [root, ...(root.querySelectorAll?.(gated) ?? [])]) {
        if (element.matches?.(gated) && !elements.has(element)) elements.set(element);
      }
    },
    watch_: (root) => {
      observer.observe(root, { childList: true, subtree: true });
      gate.collect_(root);
    },
    /** Brings the page in line with the choice; deferred scripts after the others. Answers whether something goes on that only a reload stops. */
    sync_: () => {
      let stuck;
      for (const late of [0, 1]) {
        for (const [element, stop] of elements) {
          const waits = element.defer || element.dataset.type == "module";
          if (stop !== 0 && !element.isConnected) elements.delete(element);
          else if (gate.may_(element)) {
            if (stop === undefined && waits == late && (!parsing() || (!late && whole(element)))) elements.set(element, release(element));
          } else if (stop) {
            stop();
            elements.set(element);
          } else stuck ||= stop === 0;
        }
      }
      if (!ready && state && !parsing()) emit((ready = "ready"));
      return stuck;
    },
    /** Takes a cookie value as the choice that stands, none for none. Answers whether only a reload stops what is now refused. */
    apply_: (text) => {
      const before = state?.jti;
      state = parse(text);
      value = state && text;
      // First to those who listen: vendors hear of a choice before their tags run.
      if (state?.jti != before) emit("change");
      return gate.sync_();
    },
  };

  window.consent = {
    get,
    allows,
    when: (name) =>
      new Promise((resolve) => {
        const check = () => gate.allows(name) && resolve();
        document.addEventListener("consent:change", check);
        check();
      }),
    open: (layer) => call("open", layer),
    accept: (names) => call("act", "accept", names),
    refuse: (names) => call("act", "refuse", names),
    withdraw: (names) => call("act", "withdraw", names),
    receipt: () => (/\./.test(value) ? value : null),
    on: (name, listener) => {
      const hear = () => listener(get());
      document.addEventListener("consent:" + name, hear);
      if (name == ready) hear();
      return () => document.removeEventListener("consent:" + name, hear);
    },
  };

  document.addEventListener("click", (event) => {
    // The path sees into the shadow trees of the page's own components.
    if (event.composedPath()[0].closest?.("[data-consent-open]")) {
      ask("open");
      event.preventDefault();
    }
  });

  /** Reads the choice: it may have changed elsewhere, in another tab, or while this page was kept, or made ready unseen. */
  const read = () => {
    // Where cookies are blocked, the choice stands until the page is left.
    if (gate.apply_(stored() ?? value)) ask("act", "reload");
    if (!state) ask("open", "first");
    // A record without a signature has not reached the server yet: the banner sends it without showing itself.
    else if (!/\./.test(value + manifest.u) || /consent-log/.test(location)) ask("act", "send");
  };

  for (const part of parts) part(gate);
  gate.watch_(document);
  read();
  // Caught on its way down: it does not come up.
  addEventListener("readystatechange", () => gate.sync_(), true);
  // A page that comes back becomes visible, too. Reading cookies is what costs the gate most, so it is not done more often.
  addEventListener("visibilitychange", read, true);
  new BroadcastChannel("consent").onmessage = read;
})(__MANIFEST__, [__PARTS__]);
