// From a Cookie header to "may I?", with npm's jose. No request leaves the process but for the server's public keys, which are kept.
import { createRemoteJWKSet, jwtVerify } from "jose";

/** Trusts the receipts that the consent server at `issuer` (its base URL) signs for `site`. */
export const consentOf = (issuer, site, cookie = defaultName(issuer)) => {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));

  /** The claims of a receipt that stands, or why it does not: `{ claims }` or `{ reason }`. */
  const verify = async (value) => {
    // Not signed yet, or written by hand.
    if (!value.includes(".")) return { reason: "not signed" };
    try {
      const { payload: claims, protectedHeader } = await jwtVerify(value, keys, {
        algorithms: ["EdDSA"],
        typ: "consent-receipt+jwt",
        issuer,
        audience: site,
        requiredClaims: ["exp", "iat", "choices"],
      });
      const { keys: published } = keys.jwks();
      const key = published.find((key) => key.kid === protectedHeader.kid);
      return hasEnded(key, claims.iat) ? { reason: "signed when its key had ended" } : { claims };
    } catch (error) {
      // Also where the keys cannot be had: nothing is granted because something failed.
      return { reason: error.code ?? "invalid" };
    }
  };

  const decide = async (header, service, category) => {
    const values = header
      .split(";")
      // Not `trim()`: a name that only looks like ours behind another white space is not ours.
      .map((pair) => pair.replace(/^[ \t]+|[ \t]+$/g, ""))
      .filter((pair) => pair.startsWith(`${cookie}=`))
      .map((pair) => pair.slice(cookie.length + 1));
    if (!values.length) return { allowed: false, reason: "no choice yet" };
    const standing = newest(values, site);
    // Each must grant.
    for (const value of standing.length ? standing : values.slice(0, 1)) {
      const { claims, reason } = await verify(value);
      if (!claims) return { allowed: false, reason };
      const own = Object.hasOwn(claims.services ?? {}, service);
      const granted = own ? claims.services[service] : Object.hasOwn(claims.choices, category) && claims.choices[category];
      if (granted !== true) return { allowed: false, reason: "refused" };
    }
    return { allowed: true };
  };

  /** Whether a service of a category may run for the sender of this Cookie header: by a choice of its own, or its category's. */
  return async (header = "", service, category) => {
    try {
      return await decide(header, service, category);
    } catch {
      // Whatever a cookie holds, it ends no process and grants nothing.
      return { allowed: false, reason: "invalid" };
    }
  };
};

/** The name that sites have by default; one that sets a path, a domain or a name of its own has another. */
const defaultName = (issuer) => (issuer.startsWith("https:") ? "__Host-eu-consent" : "eu-consent");

/**
 * The newest value of each consent id, the newest of all first, of those that can be a choice at this site. A cookie from before a
 * withdrawal may lie at another path. And where they are of several consent ids, a sibling host has put one there: it must grant nothing
 * that the visitor's own refuses.
 */
const newest = (values, site) => {
  const found = new Map();
  for (const value of values) {
    const claims = claimed(value);
    if (claims?.aud !== site || !(claims.exp > Date.now() / 1000)) continue;
    // Ids begin with the time; of one record, what is signed comes after what is not.
    const order = claims.jti + value.includes(".");
    if (order > (found.get(claims.sub)?.order ?? "")) found.set(claims.sub, { order, value });
  }
  return [...found.values()].sort((a, b) => (a.order < b.order ? 1 : -1)).map(({ value }) => value);
};

/** What a cookie's value claims, signed or not: nothing in it is to be believed. */
const claimed = (value) => {
  const parts = value.split(".");
  try {
    const claims = JSON.parse(Buffer.from(parts[parts.length === 3 ? 1 : 0], "base64url").toString());
    const areTexts = [claims.aud, claims.sub, claims.jti].every((claim) => typeof claim === "string");
    return areTexts && Number.isSafeInteger(claims.exp) ? claims : undefined;
  } catch {
    return undefined;
  }
};

/** Whether the server had retired the key when this was signed, or it may have been in other hands. The library takes no notice. */
const hasEnded = ({ exp, revoked }, signedAt) => {
  const ends = [exp, revoked === undefined ? undefined : (revoked?.revoked_at ?? null)];
  // An end that is no number is one that cannot be told.
  return ends.some((end) => end !== undefined && !(Number.isSafeInteger(end) && end > signedAt));
};
