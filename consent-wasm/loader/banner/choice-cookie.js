// The cookie that keeps the choice.
import { claimsOf } from "./claims.js";
import { cookies, erase, secure, setCookie } from "./cookies.js";
import { gate } from "./gate.js";
import { mind } from "./module.js";
import { view } from "./notice.js";
import { site } from "./site.js";

/** Keeps a value in the cookie until the second that its claim `exp` names; an empty one deletes the cookie. Copies that are left of
 * another path or domain would speak beside it: they go. */
export const keep = (value) => {
  const { exp = 0 } = claimsOf(value) ?? {};
  const write = () => setCookie(mind.cookie(view.root, value, exp && exp - Date.now() / 1000, secure));
  const names = [...new Set([...gate.manifest_.k, "__Host-" + gate.manifest_.k[0]])];
  const isOurs = ([name, kept]) => names.includes(name) && !isTheirs(kept);
  write();
  if (cookies().filter(isOurs).length > (value ? 1 : 0)) {
    for (const name of names) erase(name, isTheirs);
    write();
  }
  // A browser that did not take it must not go back to an older one on this page.
  if (value && !gate.stored_().includes(value)) gate.stored_ = () => [value];
};

/** Whether a cookie of our name holds a choice of another site: several may share a host. */
const isTheirs = (value) => {
  const { aud = site() } = claimsOf(value) ?? {};
  return aud != site();
};
