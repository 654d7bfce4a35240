// The queue to the server: what it has not got is sent until it has.
import { claimsOf, inOrder, textOf } from "./claims.js";
import { gate } from "./gate.js";
import { keyOf, QUEUE, recall, remember, remembered } from "./memory.js";
import { askAgain } from "./outdated.js";
import { isProven } from "./own.js";
import { site } from "./site.js";
import { flight, latest, settle, standing } from "./standing.js";

/** The first and the longest pause before the server is tried again, in milliseconds. */
const PAUSE = 2000;
const LONGEST_PAUSE = 300000;

/** Unsent records by id: ids begin with the time, so the oldest comes first in their order. Those that were decided here alone: a cookie
 * without a signature may be anybody's, and would be signed as this visitor's. */
const unsent = () => {
  const prefix = keyOf(QUEUE);
  const records = new Map();
  const value = standing();
  // Until it is signed; the server may have refused it for good.
  if (value && !value.includes(".") && isProven(value) && gate.api_.get()?.jti != recall("refused")) records.set(claimsOf(value).jti, textOf(value));
  for (const [key, record] of Object.entries(remembered())) {
    if (key.startsWith(prefix)) records.set(key.slice(prefix.length), record);
  }
  return [...records].sort();
};

let sending = Promise.resolve();
let timer;

/** Sends the queue, oldest first; what fails is tried again after a pause that doubles, on this page or a later one. Neither a new choice
 * nor a network that is back waits for that. */
export const sendAll = (now) =>
  (sending = sending.then(async () => {
    if (gate.manifest_.u) return; // no server takes records
    const [until = 0, pause = 0] = (recall("retry") ?? "").split(" ").map(Number);
    const left = until - Date.now();
    // A clock that was set back must not make a pause of years.
    if (!now && left > 0 && left <= LONGEST_PAUSE) return again(left);
    // One tab at a time, where the browser can do that; the server takes a repeated record for the same.
    const work = () => drain().catch(() => 0);
    const locked = async () => navigator.locks.request(keyOf(QUEUE), work);
    // Where cookies are blocked, there are no locks.
    const wait = await locked().catch(work);
    if (wait === undefined) return remember("retry", "");
    const next = Math.min(Math.max(pause * 2, PAUSE, wait), LONGEST_PAUSE);
    remember("retry", Date.now() + next + " " + next);
    again(next);
  }));

const again = (wait) => {
  clearTimeout(timer);
  timer = setTimeout(sendAll, wait);
  addEventListener("online", sendAll); // the same one is added once
};

/** Sends until the queue is empty. Answers with the milliseconds to wait where the server asks to be left alone. */
const drain = async () => {
  // The notices lie in {server}/s/{site}/{digest}/.
  const address = new URL(`../../../v1/sites/${site()}/consents`, gate.base_);
  // text/plain needs no permission from another origin first.
  const type = address.origin == location.origin ? "application/json" : "text/plain";
  for (let first; ([first] = unsent()), first; ) {
    const [id, body] = first;
    const isCurrent = () => gate.api_.get()?.jti == id;
    const before = standing();
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": type },
      body,
      // The server knows a browser's own records by a cookie that no script sees.
      credentials: "include",
      keepalive: true,
      signal: flight.signal,
    });
    const { status } = answer;
    if (status != 201 && (status < 400 || status >= 500 || status == 429 || status == 408)) {
      return 1000 * answer.headers.get("Retry-After") || 0;
    }
    const said = await answer.json();
    remember(QUEUE + id);
    if (status == 201) {
      // By a clock that is far ahead, the receipt has ended already: the choice that was made here stands until the page is left.
      const counts = Date.parse(said.expires_at) > Date.now();
      // It is taken as it comes: the server may have given it another consent id. The answer to an older record may have set the cookie,
      // and must not stand in the place of a newer choice.
      await settle(inOrder([before, latest, isCurrent() && counts && said.receipt].filter(Boolean)).at(-1));
    } else {
      remember("refused", id);
      if (isCurrent() && said.code == "notice_outdated") return askAgain();
    }
  }
};
