// What this browser keeps for all tabs and visits; where it may not, until the page is left.
import { site } from "./site.js";

// One entry for each record that the server has not got. Tabs share them; none reads and rewrites what another adds.
export const QUEUE = "unsent:";

const memory = {};
export const keyOf = (name) => `consent:${site()}:${name}`;

export const remember = (name, value) => {
  const key = keyOf(name);
  delete memory[key];
  try {
    if (value) localStorage[key] = value;
    else localStorage.removeItem(key);
  } catch {
    if (value) memory[key] = value;
  }
};

export const remembered = () => {
  try {
    return { ...memory, ...localStorage };
  } catch {
    return memory;
  }
};

export const recall = (name) => remembered()[keyOf(name)];

/** Whether this browser keeps no record for us, because it may not or has no room: then a cookie may be all that is left of a choice. */
export const forgets = () => {
  try {
    const key = keyOf("probe");
    localStorage[key] = "x".repeat(1000);
    localStorage.removeItem(key);
  } catch {
    return true;
  }
};
