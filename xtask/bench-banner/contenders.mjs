// The contenders, each set up as its own documentation says, with the fewest files and the earliest start that allows.
// `head` and `tail` go into the host page, at the ends of <head> and <body>; `held` is the third-party script in the contender's markup.
import { join } from "node:path";

import { texts } from "./texts.mjs";

const VERSIONED = "public, max-age=31536000, immutable";

/**
 * Our files come from our server, the peers' from npm.
 * @param {{ packages: string, third: string }} where
 */
export const contenders = ({ packages, third }) => [
  { name: "no banner", head: `<script async src="${third}"></script>`, files: [] },
  ours(third),
  vanilla(packages, third),
  orejime(packages, third),
  osano(packages, third),
];

const ours = (third) => ({
  name: "ours",
  head: `<script src="/s/lacassagne/consent.js"></script>
    <script type="text/plain" data-category="analytics" data-service="google-analytics" async src="${third}"></script>`,
  files: [],
});

const file = (address, ...path) => ({ address, path: join(...path), cache: VERSIONED });

// Both the script and the style are asked for at once; the configuration is a module, as the documentation has it, and costs no request.
const vanilla = (packages, third) => ({
  name: "vanilla-cookieconsent",
  files: ["cookieconsent.css", "cookieconsent.umd.js"].map((name) =>
    file("/vanilla/" + name, packages, "vanilla-cookieconsent", "dist", name),
  ),
  head: `<link rel="stylesheet" href="/vanilla/cookieconsent.css">
    <script defer src="/vanilla/cookieconsent.umd.js"></script>
    <script type="text/plain" data-category="analytics" async src="${third}"></script>`,
  tail: `<script type="module">CookieConsent.run(${JSON.stringify({
    hideFromBots: false, // it takes a browser that is steered for a robot, and would show nothing
    categories: Object.fromEntries(
      texts.categories.map(({ id, needed }) => [id, needed ? { enabled: true, readOnly: true } : {}]),
    ),
    language: {
      default: "en",
      translations: {
        en: {
          consentModal: {
            title: texts.title,
            description: texts.message,
            acceptAllBtn: texts.accept,
            acceptNecessaryBtn: texts.refuse,
            showPreferencesBtn: texts.choose,
            footer: `<a href="${texts.policyAddress}">${texts.policy}</a>`,
          },
          preferencesModal: {
            title: texts.preferences,
            acceptAllBtn: texts.accept,
            acceptNecessaryBtn: texts.refuse,
            savePreferencesBtn: texts.save,
            closeIconLabel: texts.close,
            sections: texts.categories.map(({ id, name, purpose }) => ({
              title: name,
              description: purpose,
              linkedCategory: id,
            })),
          },
        },
      },
    },
  })});</script>`,
});

const orejime = (packages, third) => ({
  name: "orejime",
  files: ["orejime-standard.css", "orejime-standard-en.js"].map((name) =>
    file("/orejime/" + name, packages, "orejime", "dist", name),
  ),
  head: `<script>window.orejimeConfig = ${JSON.stringify({
    privacyPolicyUrl: texts.policyAddress,
    purposes: texts.categories.map(({ id, name, purpose, needed }) => ({
      id,
      title: name,
      description: purpose,
      cookies: [],
      isMandatory: !!needed,
    })),
    translations: {
      banner: {
        title: texts.title,
        description: texts.message + " {privacyPolicy}",
        privacyPolicyLabel: texts.policy,
        accept: texts.accept,
        decline: texts.refuse,
        configure: texts.choose,
      },
      modal: { title: texts.preferences, save: texts.save, close: texts.close },
      purpose: { mandatory: texts.always },
    },
  })};</script>
    <script defer src="/orejime/orejime-standard-en.js"></script>
    <link rel="stylesheet" href="/orejime/orejime-standard.css">
    <template data-purpose="analytics"><script async src="${third}"></script></template>`,
});

// It has no categories and holds no script back itself: the page's own callback loads the script.
const osano = (packages, third) => ({
  name: "osano cookieconsent",
  files: ["cookieconsent.min.css", "cookieconsent.min.js"].map((name) =>
    file("/osano/" + name, packages, "cookieconsent", "build", name),
  ),
  head: `<link rel="stylesheet" href="/osano/cookieconsent.min.css">
    <script defer src="/osano/cookieconsent.min.js"></script>`,
  tail: `<script type="module">
      const agreed = function () {
        if (this.hasConsented()) document.head.append(Object.assign(document.createElement("script"), { src: "${third}" }));
      };
      cookieconsent.initialise({ ...${JSON.stringify({
        type: "opt-in",
        layout: "basic-header",
        palette: { popup: { background: "#fff", text: "#16181d" }, button: { background: "#16181d", text: "#fff" } },
        content: {
          header: texts.title,
          message: texts.message,
          allow: texts.accept,
          deny: texts.refuse,
          link: texts.policy,
          href: texts.policyAddress,
        },
      })}, onInitialise: agreed, onStatusChange: agreed });
    </script>`,
});
