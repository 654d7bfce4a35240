// A page that is counted by a third party, for visitors who agreed to that.
import { createServer } from "node:http";
import { consentOf } from "./consent.js";

const { CONSENT_URL, CONSENT_SITE, ANALYTICS_URL, PORT } = process.env;
const may = consentOf(CONSENT_URL, CONSENT_SITE);

createServer(async (request, response) => {
  const { allowed, reason } = await may(request.headers.cookie, "google-analytics", "analytics");
  // The page is answered whether or not the call went well.
  if (allowed) await fetch(ANALYTICS_URL, { method: "POST", body: request.url }).catch(() => {});
  response.end(allowed ? "counted" : `not counted: ${reason}`);
}).listen(Number(PORT), "127.0.0.1");
