// The module: in WebAssembly, or in plain JavaScript where that may not run.
import { __wbg_set_wasm, cookie, decide, follow, imports, must_go } from "glue";
import { gate } from "./gate.js";

let started;

export let mind; // once it is there

export const start = () =>
  (started ||= (async () => {
    try {
      const file = await fetch(gate.base_ + "banner.wasm");
      const { instance } = await WebAssembly.instantiate(await file.arrayBuffer(), imports);
      __wbg_set_wasm(instance.exports);
      mind = { cookie, decide, follow, must_go };
    } catch {
      // No WebAssembly in this browser, or under this page's policy.
      mind = await import(gate.base_ + "plain.js");
    }
  })().catch((problem) => {
    started = 0; // the next click tries again
    throw problem;
  }));
