// The page's side of the gate. Add a reference to this file, or copy it, to have `window.consent` typed.

/** What a visitor did. */
export type Act = "accept_all" | "refuse_all" | "custom" | "dismiss" | "withdraw" | "signal";

/** Where they did it. */
export type Source = "banner" | "preferences" | "placeholder" | "api" | "signal";

/** The choice that stands: the claims of its record, or of its receipt. */
export interface Choice {
  /** Record id. */
  jti: string;
  /** Consent id: the pseudonym of this browser at this site. */
  sub: string;
  /** Site id. */
  aud: string;
  /** What the visitor did. */
  act: Act;
  /** Where they did it. */
  src: Source;
  /** One choice per category that needs consent. */
  choices: Record<string, boolean>;
  /** The services whose choice differs from that of their category. */
  services?: Record<string, boolean>;
  /** When the visitor decided, in Unix seconds. */
  dat: number;
  /** When the choice ends, in Unix seconds. */
  exp: number;
  /** Digest of what was agreed to. */
  scope: string;
  /** Digest of what was shown. */
  notice: string;
  /** Language of what was shown. */
  lang: string;
  /** The record that this one replaces. */
  prev?: string;
  /** Present and true when Global Privacy Control was on. */
  gpc?: true;
  /** The server that signed it; only in a receipt. */
  iss?: string;
  /** When it was signed, in Unix seconds; only in a receipt. */
  iat?: number;
}

/**
 * `ready`: a choice stands; told once a page, at the latest when the page is parsed or when the visitor has chosen.
 * `change`: the choice changed on this page.
 */
export type ConsentEventName = "ready" | "change";

export interface Consent {
  /** The choice that stands, or null. */
  get(): Choice | null;
  /** Whether a category or a service may run now. A name that the site did not declare may not. */
  allows(name: string): boolean;
  /** Resolves when a category or a service may run; at once when it already may. It may never resolve. */
  when(name: string): Promise<void>;
  /** Opens the preferences dialog, or the first layer. Rejects when the banner cannot be loaded; call it again to retry. */
  open(layer?: "first" | "preferences"): Promise<void>;
  /** Accepts everything, or adds these categories and services to what was accepted; rejects a name that the site does not ask about. Call it on a visitor's own act only. */
  accept(names?: string[]): Promise<void>;
  /** Refuses everything that can be refused. */
  refuse(): Promise<void>;
  /** Takes back what was accepted: deletes the cookies of the refused services, and loads the page again if their scripts ran. */
  withdraw(): Promise<void>;
  /** The signed receipt, or null while the server has not answered. */
  receipt(): string | null;
  /** Calls a function at each event; `ready` also when it is already so. Answers with what stops it. */
  on(event: ConsentEventName, listener: (choice: Choice | null) => void): () => void;
}

/** What the publication of a site puts into its gate. */
export interface Manifest {
  /** The beginning of the scope's digest. */
  v: string;
  /** The folder of the banner and the notices: the beginning of the publication's digest. */
  p: string;
  /** Languages in the order to try them; then the default. */
  l: string[];
  /** Names of the cookie, on http and on https. */
  k: [string, string];
  /** Each category and service that is asked about, with its category; 1 for what needs no consent. */
  c: Record<string, string | 1>;
  /** Label of the button that reopens the banner, by language; absent when the site has its own link. */
  b?: Record<string, string>;
  /** What vendors are told: the category or service that each of their types depends on. */
  a?: Record<string, string | Record<string, string>>;
  /** The categories that Global Privacy Control refuses. */
  g?: string[];
  /** After how many months of 31 days those who refused everything are asked again; absent where that is when the choice ends. */
  r?: number;
  /** The origins of other sites in whose frames visitors are asked. */
  f?: string[];
  /** The services of the hosts that are stopped without a mark. */
  h?: Record<string, string>;
  /** What the names in other tools' marks mean. */
  n?: Record<string, string>;
  /** 0: a page is never loaded again. */
  w?: 0;
  /** "." where no server takes records. */
  u?: ".";
}

declare global {
  interface Window {
    consent: Consent;
  }
  interface DocumentEventMap {
    "consent:ready": CustomEvent<Choice>;
    "consent:change": CustomEvent<Choice | null>;
  }
}
