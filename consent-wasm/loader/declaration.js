// The list of cookies and services in a page of the site: the same that the preferences show, with the choice in place.

/** Fills a `<consent-declaration>`. */
export const show = async (gate, element) => {
  if (element.shadowRoot) return;
  const { dialog_: dialog, mirror_: mirror, hands_: hands } = await gate.call_("preferences");
  const from = hands.host_.shadowRoot;
  const wrapper = dialog.parentNode.cloneNode();
  wrapper.removeAttribute("data-nosnippet"); // here it is what the page is about
  const section = document.createElement("section");
  section.className = "declaration";
  const title = document.createElement("h2");
  title.textContent = dialog.dataset.declaration;
  title.id = "consent-declaration-title";
  section.setAttribute("aria-labelledby", title.id);
  section.append(title, ...[...dialog.querySelectorAll(".body, .actions")].map((part) => part.cloneNode(true)));
  wrapper.append(section);

  const shadow = element.attachShadow({ mode: "open" });
  try {
    shadow.adoptedStyleSheets = from.adoptedStyleSheets;
  } catch {}
  shadow.append(wrapper, ...[...from.querySelectorAll("style")].map((style) => style.cloneNode(true)));
  const paint = mirror(section);
  hands.fill_();
  paint();
};
