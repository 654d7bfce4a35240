// What a cookie value says: a receipt, or an unsigned record.

/** The JSON of a cookie value, a receipt or an unsigned record, and its claims. */
export const textOf = (value) => atob((value.split(".")[1] ?? value).replace(/-/g, "+").replace(/_/g, "/"));
export const claimsOf = (value) => {
  try {
    return JSON.parse(textOf(value));
  } catch {}
};

/** Values in the order of their time, which ids begin with. Of one record, the receipt comes after it: `eyJhbGci` after `eyJhY3Qi`. */
export const inOrder = (values) =>
  values
    .map((value) => [claimsOf(value)?.jti, value])
    .sort()
    .map(([, value]) => value);
