// Chromium, steered over a pipe with its DevTools protocol: one process for all visits, a browser context for each visitor.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SWITCHES = [
  "--headless",
  "--remote-debugging-pipe",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-extensions",
  "--hide-scrollbars",
];

/** Starts the browser. `send(method, params, session)` calls it, `listen` hears its events, `close` ends it. */
export const launch = (program) => {
  const profile = mkdtempSync(join(tmpdir(), "bench-banner-"));
  // Chromium refuses its sandbox to root.
  const own = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const child = spawn(program, [...SWITCHES, ...own, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const [, , , input, output] = child.stdio;

  const calls = new Map();
  const listeners = new Set();
  let last = 0;
  let ended;
  const end = (problem) => {
    ended = problem;
    for (const { reject } of calls.values()) reject(problem);
    calls.clear();
  };
  child.on("error", end);
  child.on("exit", (code) => end(new Error(`${program} ended with ${code}`)));

  let text = "";
  output.setEncoding("utf8").on("data", (data) => {
    const messages = (text + data).split("\0");
    text = messages.pop();
    for (const message of messages.map((each) => JSON.parse(each))) {
      const call = calls.get(message.id);
      if (!call) listeners.forEach((hear) => hear(message));
      else {
        calls.delete(message.id);
        if (message.error) call.reject(new Error(`${call.method}: ${message.error.message}`));
        else call.resolve(message.result);
      }
    }
  });

  return {
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        calls.set(++last, { method, resolve, reject });
        input.write(JSON.stringify({ id: last, method, params, sessionId }) + "\0");
      }),
    /** Hears what a session reports; answers how to stop. */
    listen: (session, hear) => {
      const filter = ({ sessionId, method, params }) => sessionId == session && hear(method, params);
      listeners.add(filter);
      return () => listeners.delete(filter);
    },
    close: async () => {
      if (child.pid && child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once("exit", resolve));
        if (!ended) input.write(JSON.stringify({ id: ++last, method: "Browser.close" }) + "\0");
        await gone;
      }
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
};
