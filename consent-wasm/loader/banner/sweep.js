// What was refused ends: its cookies and its storage, and by a reload what cannot be stopped otherwise.
import { forgetCopies } from "./copies.js";
import { cookies, erase } from "./cookies.js";
import { gate } from "./gate.js";
import { mind } from "./module.js";
import { view } from "./notice.js";

/** Deletes the cookies and the storage of the services whose switches are off, and copies of pages in which they may run. */
export const sweep = () => {
  forgetCopies();
  const mustGo = (attribute, name) => mind.must_go(view.root, attribute, name);
  try {
    for (const [name] of cookies()) if (mustGo("data-cookies", name)) erase(name);
  } catch {}
  for (const [storage, attribute] of [["localStorage", "data-storage"], ["sessionStorage", "data-session-storage"]]) {
    try {
      for (const name of Object.keys(window[storage])) if (mustGo(attribute, name)) window[storage].removeItem(name);
    } catch {}
  }
};

/** Ends what cannot be stopped otherwise, unless the site's owner has chosen to leave it until the page is left. */
export const restart = () => {
  sweep();
  if (gate.manifest_.w === 0) return;
  // A page that answered a form is asked for, and the form not sent again.
  history.replaceState(history.state, "");
  location.reload();
};
