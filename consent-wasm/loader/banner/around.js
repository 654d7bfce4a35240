// Pages of this site around this one: one question is enough.

/** Whether a page that holds this one in a frame has a gate, and so asks. */
export const isAskedAround = () => {
  try {
    for (let one = self; one != one.parent; ) {
      one = one.parent;
      if (one["consent:"] === 1) return true;
    }
  } catch {} // a page of another site
  return false;
};
