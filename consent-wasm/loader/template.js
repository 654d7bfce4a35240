// What waits in a template of the page: put behind it when it is granted, and taken away when it is refused. Loaded by pages that have one
// to show.

/** The nodes that stand in the page, by their templates. */
const shown = new WeakMap();

const COPY = "data-consent-copy";

/** Shows what is in a template, or takes it away. */
export const turn = (template, isAllowed) => {
  // A `meta` element has a `content`, too.
  if (!(template instanceof HTMLTemplateElement)) return;
  for (const node of shown.get(template) ?? []) node.remove();
  shown.delete(template);
  if (isAllowed) show(template);
};

const show = (template) => {
  // What a kept copy of the page has brought back stands there already.
  const back = [];
  for (let next = template; (next = next.nextElementSibling)?.hasAttribute(COPY); ) back.push(next);
  if (back.length) return shown.set(template, back);
  const content = template.content.cloneNode(true);
  // Its scripts become gated ones, with its category and service, and so keep their turn.
  for (const script of content.querySelectorAll("script")) {
    if (script.type == "text/plain") continue;
    Object.assign(script.dataset, template.dataset).type = script.type;
    script.type = "text/plain";
  }
  for (const element of content.children) element.setAttribute(COPY, "");
  shown.set(template, [...content.childNodes]);
  template.after(content);
};
