// The cookies of the page: anybody's.
import { claimsOf } from "./claims.js";
import { page } from "./page.js";

export const secure = location.protocol == "https:";

/** Writes a cookie; where the page may not, its choice lasts until it is left. */
export const setCookie = (text) => {
  try {
    page.cookie = text;
  } catch {}
};

/** All cookies of the page, as names and values. */
export const cookies = () => {
  try {
    return page.cookie.split("; ").map((pair) => pair.split(/=(.*)/));
  } catch {
    return [];
  }
};

/** Deletes a cookie wherever it may be: scripts see its name, but not its domain and path. What `spares` of its values stays. */
export const erase = (name, spares) => {
  const domains = [""];
  // A leading dot would mean the same (RFC 6265 §5.2.3).
  for (let host = location.hostname; host; host = host.replace(/^[^.]*\.?/, "")) domains.push("; Domain=" + host);
  const valuesOf = () => (spares ? cookies().filter(([its]) => its == name) : []);
  let path = "";
  for (const part of location.pathname.split(/(\/)/)) {
    path += part;
    for (const domain of domains) {
      const before = valuesOf();
      const place = "; Path=" + path + domain + (secure ? "; Secure" : "");
      setCookie(name + "=; Max-Age=0" + place);
      // Which one it is that stood here shows when it is gone.
      const after = valuesOf().map(([, value]) => value);
      if (after.length == before.length) continue;
      const [, gone] = before.find(([, value]) => !after.includes(value)) ?? [];
      if (gone && spares(gone)) setCookie(`${name}=${gone}; Max-Age=${claimsOf(gone).exp - Math.floor(Date.now() / 1000)}; SameSite=Lax${place}`);
    }
  }
};
