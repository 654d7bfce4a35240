// The site that the page belongs to.
import { gate } from "./gate.js";
import { view } from "./notice.js";

/** The site's id: the notices lie in {server}/s/{site}/{digest}/, or where the owner has put them. */
export const site = () => view?.root.dataset.site ?? gate.base_.split("/").at(-3);
