// The list of cookies and services in a page of the site, with the choice in place: <consent-declaration>. What stands in it, stays where
// scripts do not run.
__PART__((gate) => {
  class Declaration extends HTMLElement {
    connectedCallback() {
      import(gate.base_ + "declaration.js").then((module) => module.show(gate, this)).catch(() => {});
    }
  }
  customElements.define("consent-declaration", Declaration);
});
