// What is announced to the visitor.
import { view } from "./notice.js";

/** Announces. What went wrong is seen, too, until something else is said. */
export const say = (words, kind = "unseen") => {
  const { status } = view;
  status.textContent = "";
  status.className = kind;
  setTimeout(() => (status.textContent = words)); // so that the same words are announced again
};
