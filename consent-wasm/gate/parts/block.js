// Stops what is not marked up, where it goes to a host that a service declares: elements in the page, those that scripts make, and calls.
// What a script of the page cannot stop is said in docs/blocking.md.
__PART__((gate) => {
  const serviceOf = (address) => {
    try {
      const { hostname } = new URL(address, Reflect.get(Node.prototype, "baseURI", document));
      const { h } = gate.manifest_;
      for (const host of Object.keys(h)) if (("." + hostname).endsWith("." + host)) return h[host];
    } catch {
      // Not an address: the browser says so better.
    }
  };
  /** The service that an address waits for. Where an element has a mark of its own, that says which of the host's services it is. */
  const heldBack = (address, element) => {
    const service = serviceOf(address) && (element?.getAttribute("data-service") ?? serviceOf(address));
    if (service && !gate.allows(service)) return service;
  };

  /** What waits for a service, in order. */
  let waiting = [];
  gate.api_.on("change", () => {
    const before = waiting;
    waiting = before.filter(([service]) => !gate.allows(service));
    for (const [service, go] of before) if (gate.allows(service)) go();
  });

  // ── Elements in the page ──────────────────────────────────────────────────────────────────────────────────────────

  // With data-src, they wait for a script that loads what comes into sight.
  const { matches } = Element.prototype;
  const unmarked = "script[src],iframe[src],img[src],iframe[data-src],img[data-src]";
  const mark = (element) => {
    const data = element.dataset;
    // A mark alone holds nothing back; what the gate has released is known to it. A form has its fields as members, by their names.
    if (!(element instanceof Element && matches.call(element, unmarked)) || element.type == "text/plain" || gate.elements_.has(element)) return;
    const address = element.getAttribute("src");
    const now = serviceOf(address);
    const service = now ?? serviceOf(data.src ?? "");
    if (!service) return;
    if (!element.hasAttribute("data-service")) data.service = service;
    if (!now) return;
    // It runs already, and only a reload stops it.
    if (gate.may_(element)) gate.elements_.set(element, 2);
    else if (element.localName == "script") {
      data.type = element.type;
      // The parser asks for the type when the element is whole; observers are called before.
      element.type = "text/plain";
    } else {
      data.src = address;
      element.removeAttribute("src");
    }
  };
  const collect = gate.collect_;
  gate.collect_ = (root) => {
    const { querySelectorAll } = (root instanceof Element ? Element : root instanceof Document ? Document : DocumentFragment).prototype;
    for (const element of [root, ...querySelectorAll.call(root, unmarked)]) mark(element);
    collect(root);
  };

  // ── Elements that scripts make ────────────────────────────────────────────────────────────────────────────────────

  /** Gives an element its address, now or later. */
  const give = (element, address, go) => {
    const service = heldBack(address, element);
    if (!service) return go();
    if (element.localName == "iframe") {
      Object.assign(element.dataset, { service, consentSrc: address });
      gate.elements_.set(element);
    } else {
      waiting.push([
        service,
        () => {
          go();
          element.dataset.service = service;
          gate.elements_.set(element, 2);
        },
      ]);
    }
  };
  for (const { prototype } of [HTMLScriptElement, HTMLIFrameElement, HTMLImageElement]) {
    const { get, set } = Object.getOwnPropertyDescriptor(prototype, "src");
    Object.defineProperty(prototype, "src", {
      configurable: true,
      enumerable: true,
      get,
      set(address) {
        give(this, address, () => set.call(this, address));
      },
    });
  }
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) {
    const go = () => setAttribute.call(this, name, value);
    if (/^src$/i.test(name) && /^(script|iframe|img)$/.test(this.localName)) give(this, value, go);
    else go();
  };

  // ── Calls ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  const { fetch } = window;
  window.fetch = (...values) => {
    const service = heldBack(values[0]?.url ?? values[0]);
    if (!service) return fetch(...values);
    return new Promise((resolve) => waiting.push([service, () => resolve(fetch(...values))]));
  };
  const beacon = navigator.sendBeacon.bind(navigator);
  navigator.sendBeacon = (...values) => {
    const service = heldBack(values[0]);
    if (!service) return beacon(...values);
    waiting.push([service, () => beacon(...values)]);
    return true;
  };
  const addresses = new WeakMap();
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (...values) {
    addresses.set(this, values[1]);
    return open.apply(this, values);
  };
  XMLHttpRequest.prototype.send = function (...values) {
    const service = heldBack(addresses.get(this));
    if (!service) return send.apply(this, values);
    waiting.push([service, () => send.apply(this, values)]);
  };
});
