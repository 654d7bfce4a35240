// The other tabs of this site.

/** Tells the other tabs to read the cookie. More than once: a cookie reaches their processes by another way than the message. */
export const tell = () => new BroadcastChannel("consent").postMessage(0);
