// From a Cookie header to "may I?", with npm's jose. No request leaves the process but for the server's public keys, which are kept.
import { createRemoteJWKSet, jwtVerify } from "jose";

/** Trusts the receipts that the consent server at `issuer` (its base URL) signs for `site`. */
export const consentOf = (issuer, site, cookie = "eu-consent") => {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));

  /** The claims of a visitor's receipt, or why there are none: `{ claims }` or `{ reason }`. */
  const read = async (header = "") => {
    // The first of the name counts, as it does for the page's own script.
    const pair = header.split("; ").find((pair) => pair.startsWith(`${cookie}=`));
    if (!pair) return { reason: "no choice yet" };
    const value = pair.slice(cookie.length + 1);
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

  /** Whether a service of a category may run for the sender of this Cookie header: by a choice of its own, or its category's. */
  return async (header, service, category) => {
    const { claims, reason } = await read(header);
    if (!claims) return { allowed: false, reason };
    const own = claims.services?.[service];
    const allowed = (own ?? claims.choices[category]) === true;
    return allowed ? { allowed } : { allowed, reason: "refused" };
  };
};

/** Whether the server had retired the key when this was signed, or it may have been in other hands. The library takes no notice. */
const hasEnded = ({ exp, revoked }, signedAt) => [exp, revoked?.revoked_at].some((end) => end <= signedAt);
