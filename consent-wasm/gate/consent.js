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
    return category === 1 || (own(own(state, "services"), name) ?? own(own(state, "choices"), category)) === true;
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

  /** Puts a live script where the held one stands. Scripts in order wait for each other; one that fails stops none. */
  const run = (script) => {
    // Not a copy: a script that innerHTML has made never runs, and neither does its copy.
    const live = new Range().createContextualFragment(script.outerHTML).firstChild;
    live.nonce = script.nonce; // its attribute reads as empty
    live.type = mark(script, "type") ?? "";
    live.async = script.hasAttribute("async"); // true by itself in a script made by script

    const insert = () => script.replaceWith(live);
    if (live.src || live.type == "module") {
      if (!live.async) after((last = live), () => last == live && (last = 0));
      insert();
    } else if (last) after(last, insert);
    else insert();
    return 0;
  };

  /** Releases an element, and answers what stops it again: a function, or 0 where only a reload does. */
  const release = (element) => {
    const spare = element.cloneNode(true);
    for (const name of ["src", "srcset", "href"]) {
      const address = mark(element, name);
      // Never one that runs here, however its scheme is spelled.
      if (address && !/^(?!\s*http)[^/,]*:/.test(address)) element.setAttribute(name, address);
    }

    if (element.type == "text/plain") return run(element);

    const copy = spare.content;
    if (copy) {
      const nodes = [...copy.childNodes];
      // Its scripts become gated ones, with its category and service, and so keep their turn.
      for (const script of copy.querySelectorAll("script")) {
        if (script.type == "text/plain") continue;
        Object.assign(script.dataset, element.dataset).type = script.type;
        script.type = "text/plain";
      }
      element.after(copy);
      return () => nodes.map((node) => node.remove());
    }

    // Frames and players do not stop for an attribute that is taken away.
    return () => element.replaceWith(spare);
  };

  /** Whether the parser has moved past an element, so that its text is whole. */
  const whole = (node) => node && (node.nextSibling || whole(node.parentNode));

  // ── The banner ────────────────────────────────────────────────────────────────────────────────────────────────────

  let retry = ""; // a module that failed to load stays failed under the same address

  /** Calls a function of the banner; a failure to load it leaves all held back, and the next call tries again. */
  const call = async (name, ...values) => {
    gate.banner_ ||= Promise.all([import(gate.base_ + "banner.js" + retry), (gate.notice_ = fetch(gate.base_ + gate.language_() + ".html"))]).catch((problem) => {
      gate.banner_ = 0;
      retry += "?";
      throw problem;
    });
    return (await gate.banner_)[0][name](gate, ...values);
  };

  /** The same, where nobody waits for it. */
  const ask = (...values) => call(...values).catch(() => {});

  // ── The page's side ───────────────────────────────────────────────────────────────────────────────────────────────

  let ready;
  const get = () => parse(value) || null;
  const on = (name, listener) => {
    const hear = () => listener(get());
    // Caught on its way down.
    addEventListener("consent:" + name, hear, true);
    if (name == ready) hear();
    return () => removeEventListener("consent:" + name, hear, true);
  };

  /** What the banner and the parts work with, and may wrap. */
  const gate = {
    /** The values of all cookies of our name that hold a choice: several paths and domains may each have set one. */
    stored_: () => {
      try {
        const pairs = `; ${document_("cookie")}`.split(`; ${manifest.k[+/s:/.test(location.protocol)]}=`);
        return pairs.map((text) => text.split(";")[0]).filter(parse);
      } catch {
        return []; // a sandboxed frame may not even ask
      }
    },
    collect_: (root) => {
      const gated = root.querySelectorAll(":is(img,embed,link,iframe,audio,source,video,script,template):is([data-category],[data-service])");
      for (const element of gated) gate.elements_.set(element, gate.elements_.get(element));
    },
    /** The language of the notice: the page's, else the visitor's, else the site's first. */
    language_: () => {
      for (const tag of [document.documentElement.lang, ...navigator.languages, manifest.l.at(-1)]) {
        for (const code of manifest.l) if (RegExp("^" + code + "\\b", "i").test(tag)) return code;
      }
    },
    manifest_: manifest,
    call_: call,
    elements_: new Map(),
    /** Throws in a frame of another site, next to the page or outermost: who frames a page, leads the hand that clicks. */
    alone_: () => {
      top.document, parent.document;
    },
    base_: new URL(manifest.p + "/", document_("currentScript").src).href,
    /** Brings the page in line with the choice; deferred scripts after the others. Answers whether something goes on that only a reload stops. */
    sync_: () => {
      let stuck;
      for (const late of [0, 1]) {
        for (const [element, stop] of gate.elements_) {
          const waits = element.defer || mark(element, "type") == "module";
          if (stop != 0 && !element.isConnected) gate.elements_.delete(element);
          else if (gate.may_(element)) {
            if (stop == null && waits == late && (!parsing() || (!late && whole(element)))) gate.elements_.set(element, release(element));
          } else if (stop) {
            stop();
            gate.elements_.set(element);
          } else {
            gate.held_?.(element);
            stuck ||= stop == 0;
          }
        }
      }
      if (!(ready || !state || parsing())) dispatchEvent.call(document, new CustomEvent("consent:" + (ready = "ready"), { detail: get() }));
      return stuck;
    },
    watch_: (root) => {
      new MutationObserver((changes) => {
        // By what holds the new nodes: the parser adds them one by one, and scripts many at once.
        for (const target of new Set(changes.map((change) => change.target))) {
          try {
            gate.collect_(target);
          } catch {
            // A form, whose fields may stand before all that it has itself.
          }
        }
        gate.sync_();
      }).observe(root, { childList: true, subtree: true });
      gate.collect_(root);
    },
    allows,
    /** Whether an element may be there now. */
    may_: (element) => gate.allows(mark(element, "service") ?? mark(element, "category")),
    /** Takes the cookie's value as the choice that stands, or this one where there is no cookie. Answers whether only a reload stops what is
     * now refused. */
    apply_: (text) => {
      const before = state?.jti;
      const [found, more] = gate.stored_();
      // Of several, the banner finds out what they grant: until then, none stands.
      value = more ? "" : (found ?? text);
      state = parse(value);
      // First to those who listen: vendors hear of a choice before their tags run.
      if (state?.jti != before) dispatchEvent.call(document, new CustomEvent("consent:change", { detail: get() }));
      return gate.sync_();
    },
  };

  window.consent = gate.api_ = {
    get,
    when: (name) =>
      new Promise((resolve) => {
        const check = () => gate.allows(name) && resolve();
        on("change", check);
        check();
      }),
    allows,
    receipt: () => (/\./.test(value) ? value : null),
    on,
  };
  for (const name of ["accept", "refuse", "open", "withdraw"]) gate.api_[name] = (more) => call(name, more);

  addEventListener(
    "click",
    (event) => {
      // The path sees into the shadow trees of the page's own components.
      if (event.composedPath()[0].closest?.("[data-consent-open]")) {
        ask("open");
        event.preventDefault();
      }
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
