// The gate: the one script of a site. It runs before the page's own scripts, reads the choice, and releases what was granted.
// It holds everything else back, and loads the banner only when there is something to ask or to send.
// When a site is published, `__MANIFEST__` becomes its manifest (see `Manifest` in consent.d.ts), and `__PARTS__` those of `parts/`
// that it uses: functions that wrap what the object `gate` holds. Names that end in `_` are shortened, alike in all scripts.
// Whoever writes into a page may call elements, variables and members of prototypes as they like: no name grants anything here.
((manifest, parts) => {
  // A second copy on the same page would release everything twice. No element equals a number.
  if (self["consent:"] === 1) return;
  self["consent:"] = 1;

  /** What an object has itself: prototypes have more. */
  const own = (object, name) => ({ __proto__: null, ...object })[name];

  /** A member of the document: an element may have its name. */
  const document_ = (name) => Reflect.get(Document.prototype, name, document);

  // ── The choice ────────────────────────────────────────────────────────────────────────────────────────────────────

  let value; // the cookie value that stands
  let state; // its claims

  /** The claims of a cookie value: the second of a receipt's three pieces, or an unsigned record. Anything else is no choice. */
  const parse = (text) => {
    try {
      const claims = JSON.parse(atob((text.split(".").at(-2) ?? text).replace(/-/g, "+").replace(/_/g, "/")));
      gate.alone_();
      // The scope names the site, too.
      if (claims.scope.startsWith(manifest.v) && claims.exp * 1000 > Date.now()) return claims;
    } catch {}
  };

  /** Whether a category or service may run now. What the site did not declare never may. */
  const allows = (name) => {
    const category = own(manifest.c, name);
    return 1 === category || (own(own(state, "services"), name) ?? own(own(state, "choices"), category)) === true;
  };

  // ── Holding back and releasing ────────────────────────────────────────────────────────────────────────────────────

  const parsing = () => document_("readyState") == "loading";

  /** What an element's mark says. */
  const mark = (element, name) => element.getAttribute("data-" + name);

  const after = (script, next) => {
    script.addEventListener("load", next);
    script.addEventListener("error", next);
  };

  let last; // the last script in order that is still loading

  /** Runs a held script: a new one beside it, which is taken away again. The held one stays, for whom it belongs to; so copies of the page
   * hold nothing that runs. Scripts in order wait for each other; one that fails stops none. */
  const run = (script) => {
    // Not a copy: a script that innerHTML has made never runs, and neither does its copy.
    const live = new Range().createContextualFragment(script.outerHTML).firstChild;
    dress(live, true);
    live.type = mark(script, "type") ?? "";
    live.nonce = script.nonce; // its attribute reads as empty
    live.async = script.attributes.async; // true by itself in a script made by script

    // What browsers do not run never loads, and stays for whoever does.
    const runs = /^$|javascript|module/.test(live.type);
    const loads = runs && live.src;
    const end = () => {
      if (runs) live.remove();
      if (last == live) last = 0;
    };
    const insert = () => {
      // Outside of the parser, it would begin the page anew.
      document.write = console.warn;
      script.before(live);
      delete document.write;
      if (loads) {
        if (!live.async) last = live;
        after(live, end);
      } else end();
    };
    if (loads || !last) insert();
    else after(last, insert);
  };

  /** Gives an element its addresses, or takes them away, also those that a copy of a page has kept. They wait where no other script looks
   * for them. */
  const dress = (element, isAllowed) => {
    for (const name of ["href", "src", "srcset"]) {
      const text = mark(element, "consent-" + name) ?? mark(element, name);
      // Never one that runs here, however its scheme is spelled.
      if (!text || /^(?!\s*http)[^/,]*:/.test(text)) continue;
      element.setAttribute("data-consent-" + name, text);
      element.removeAttribute("data-" + name);
      if (!(element.getAttribute(name)?.startsWith(text) || gate.elements_.get(element)) != isAllowed) continue;
      element.removeAttribute(name);
      // Out of the page for a moment: so a frame ends, and the browser's history does not bring it back.
      element.replaceWith(element);
      if (isAllowed) element.setAttribute(name, text);
    }
  };

  /** Whether the parser has moved past an element, so that its text is whole. */
  const whole = (node) => node && (node.nextSibling || whole(node.parentNode));

  // ── The banner ────────────────────────────────────────────────────────────────────────────────────────────────────

  let retry = ""; // a module that failed to load stays failed under the same address

  /** Calls a function of the banner; a failure to load it leaves all held back, and the next call tries again. */
  const call = async (name, ...values) => {
    gate.notice_ ||= fetch(gate.base_ + gate.language_() + ".html");
    gate.banner_ ||= import(gate.base_ + "banner.js" + retry).catch(problem => {
      gate.banner_ = gate.notice_ = 0;
      retry += "?";
      throw problem;
    });
    return (await gate.banner_)[name](gate, ...values);
  };

  /** The same, where nobody waits for it. */
  const ask = (...values) => call(...values).catch(() => {});

  // ── The page's side ───────────────────────────────────────────────────────────────────────────────────────────────

  let ready;
  const get = () => parse(value) || null;
  const tell = (name) => dispatchEvent.call(document, new CustomEvent("consent:" + name, { detail: get() }));
  const on = (name, listener) => {
    const hear = () => listener(get());
    // Caught on its way down.
    addEventListener("consent:" + name, hear, true);
    if (name == ready) hear();
    return () => removeEventListener("consent:" + name, hear, true);
  };

  /** What the banner and the parts work with, and may wrap. */
  const gate = {
    manifest_: manifest,
    call_: call,
    /** Takes the cookie's value as the choice that stands, or this one where there is no cookie. Answers whether only a reload stops what is
     * now refused. */
    apply_: (text) => {
      const before = state?.jti;
      const [found, more] = gate.stored_();
      // Of several, the banner finds out what they grant: until then, none stands.
      value = more ? "" : (found ?? text);
      state = parse(value);
      // First to those who listen: vendors hear of a choice before their tags run.
      if (state?.jti != before) tell("change");
      return gate.sync_();
    },
    elements_: new Map(),
    /** The values of all cookies of our name that hold a choice: several paths and domains may each have set one. */
    stored_: () => {
      try {
        const pairs = `; ${document_("cookie")}`.split(`; ${manifest.k[+/s:/.test(location.protocol)]}=`);
        return pairs.map((text) => text.split(";")[0]).filter(parse);
      } catch {
        return []; // a sandboxed frame may not even ask
      }
    },
    base_: new URL(manifest.p + "/", document_("currentScript").src).href,
    watch_: (root) => {
      new MutationObserver((changes) => {
        // By what holds the new nodes: the parser adds them one by one, and scripts many at once.
        for (const target of new Set(changes.map((change) => change.target))) {
          try {
            gate.collect_(target);
          } catch {
            // Likewise.
          }
        }
        gate.sync_();
      }).observe(root, { childList: true, subtree: true });
      gate.collect_(root);
    },
    collect_: (root) => {
      // A form's fields may stand before all that it has itself.
      const gated = root.querySelectorAll(":not(form):is([data-category],[data-service])");
      for (const element of gated) {
        // What loads or holds something has one of these: others may have such a mark of their own.
        if (gate.elements_.has(element) || (element.src ?? element.as ?? element.content) == null) continue;
        if (element.type != "text/plain") dress(element, gate.may_(element));
        gate.elements_.set(element);
      }
    },
    /** The language of the notice: the page's, else the visitor's, else the site's first. */
    language_: () => {
      for (const tag of [document.documentElement.lang, ...navigator.languages, manifest.l.at(-1)]) {
        for (const code of manifest.l) if (RegExp("^" + code + "\\b", "i").test(tag)) return code;
      }
    },
    /** Whether an element may be there now. */
    may_: (element) => gate.allows(mark(element, "service") ?? mark(element, "category")),
    allows,
    /** Throws in a frame of another site, next to the page or outermost: who frames a page, leads the hand that clicks. An address is
     * what no frame beside it can lend its name to. */
    alone_: () => {
      top.location.href + parent.location.href;
    },
    /** Brings the page in line with the choice; deferred scripts after the others. Answers whether something goes on that only a reload stops. */
    sync_: () => {
      let stuck;
      for (const late of [0, 1]) {
        for (const [element, runs] of gate.elements_) {
          const isAllowed = gate.may_(element) && (element.isConnected || runs > 1);
          if (isAllowed ? !runs && (element.defer || mark(element, "type") == "module") == late && ((!late && whole(element)) || !parsing()) : runs == 1) {
            if (element.type == "text/plain") run(element);
            else if (element.content) import(gate.base_ + "template.js").then((module) => module.turn(element, isAllowed), () => {});
            else dress(element, isAllowed);
            gate.elements_.set(element, isAllowed && (element.text == null ? 1 : 2));
          } else if (!isAllowed) {
            if (runs) stuck = 1;
            else if (element.isConnected) gate.held_?.(element);
            else gate.elements_.delete(element);
          }
        }
      }
      if (!(ready || !state || parsing())) tell((ready = "ready"));
      return stuck;
    },
  };

  window.consent = gate.api_ = {
    receipt: () => (/\./.test(value) ? value : null),
    on,
    get,
    when: (name) =>
      new Promise((resolve) => {
        const check = () => gate.allows(name) && resolve();
        check(on("change", check));
      }),
    allows,
  };
  for (const name of ["open", "accept", "refuse", "withdraw"]) gate.api_[name] = (more) => call(name, more);

  addEventListener(
    "click",
    (event) => {
      // The path sees into the shadow trees of the page's own components.
      if (event.composedPath().some((node) => node.matches?.("[data-consent-open]"))) event.preventDefault(ask("open"));
    },
    true,
  );

  /** Reads the choice: it may have changed elsewhere, in another tab, or while this page was kept, or made ready unseen. */
  const read = () => {
    // Where cookies are blocked, the choice stands until the page is left.
    if (gate.apply_(value)) ask("reload");
    if (!state) ask("open", "first");
    // A record without a signature has not reached the server yet: the banner sends it without showing itself.
    else if (!/\./.test(value + manifest.u)) ask("send");
  };

  for (const part of parts) part(gate);
  gate.watch_(document);
  read();
  addEventListener("readystatechange", () => gate.sync_(), true);
  // A page that comes back becomes visible, too. Reading cookies is what costs the gate most, so it is not done more often.
  addEventListener("visibilitychange", read, true);
  new BroadcastChannel("consent").onmessage = read;
})(__MANIFEST__, [__PARTS__]);
