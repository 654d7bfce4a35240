// Verifies receipts with npm's `jose`, as a Node backend would.
// node verify.mjs JWKS_URL ISSUER SITE, one receipt a line on standard input; prints `valid EXP` or `invalid REASON` for each.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const require = createRequire(join(process.env.CONSENT_NODE_MODULES, "from-here.js"));
const { createRemoteJWKSet, jwtVerify } = await import(pathToFileURL(require.resolve("jose")).href);

const [jwksUrl, issuer, audience] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL(jwksUrl));
for await (const receipt of createInterface({ input: process.stdin })) {
  try {
    const { payload } = await jwtVerify(receipt, keys, {
      issuer,
      audience,
      typ: "consent-receipt+jwt",
      algorithms: ["EdDSA"],
    });
    console.log(`valid ${payload.exp}`);
  } catch (error) {
    console.log(`invalid ${error.code}`);
  }
}
