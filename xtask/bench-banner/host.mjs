// Two plain servers on this machine, as a production host would answer: the site, with the consent server behind it, and the third
// party whose script is held back.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { brotliCompressSync } from "node:zlib";

import { serve } from "./consent-server.mjs";
import { contenders } from "./contenders.mjs";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** A day in seconds: older than our gate may be used unasked, younger than versioned files. */
const DAY = 86400;

/** What the consent server answers. */
const OURS = /^\/(s|v1)\//;

/**
 * Starts both servers.
 * @returns {Promise<{ contenders: object[], third: string, address: (contender) => string, close: () => void }>}
 */
export const start = async ({ program, declaration, packages }) => {
  const other = await listen((request, response) => {
    response.writeHead(200, { "Content-Type": TYPES[".js"], "Cache-Control": "no-store" });
    response.end("bench.ran(performance.now());");
  });
  const third = `http://127.0.0.1:${other.address().port}/analytics.js`;

  const all = contenders({ packages, third });
  const answers = new Map();
  for (const { name, files, head, tail = "" } of all) {
    answers.set(pathOf(name), answer(Buffer.from(page(head, tail)), ".html", "no-cache"));
    for (const { address, path, cache } of files) {
      answers.set(address, answer(readFileSync(path), extname(path), cache));
    }
  }
  let consent;
  const own = await listen((request, response) => {
    if (OURS.test(request.url)) return consent.pass(request, response, DAY);
    const found = answers.get(request.url);
    if (!found) return response.writeHead(404).end();
    const { body, headers } = found;
    if (request.headers["if-none-match"] == headers.ETag) {
      // As fresh as can be: what was kept counts from now.
      return response.writeHead(304, { ETag: headers.ETag, "Cache-Control": headers["Cache-Control"], Age: 0 }).end();
    }
    response.writeHead(200, headers).end(body);
  });
  const url = `http://127.0.0.1:${own.address().port}`;
  consent = await serve({ program, declaration, url });
  return {
    contenders: all,
    third,
    address: ({ name }) => url + pathOf(name),
    close: () => {
      consent.close();
      [own, other].forEach((server) => (server.closeAllConnections(), server.close()));
    },
  };
};

const pathOf = (name) => `/${encodeURIComponent(name)}.html`;

/** Whole answers are a day old on arrival: a page that is opened next is one of the next day, as far as caches can tell. */
const answer = (raw, extension, cache) => {
  const body = brotliCompressSync(raw);
  const headers = {
    "Content-Type": TYPES[extension],
    "Content-Encoding": "br",
    "Content-Length": body.length,
    "Cache-Control": cache,
    ETag: `"${raw.length}-${body.length}"`,
    Age: DAY,
  };
  return { body, headers };
};

const PARAGRAPH =
  "The centre treats people with cancer, teaches, and does research. Its departments work side by side, so that one visit answers as many questions as it can. ";

/** The host page: a heading, some text, and what the contender asks for. */
const page = (head, tail) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>A page</title>
    <link rel="icon" href="data:,">
    <style>body { font: 16px/1.5 sans-serif; max-width: 40em; margin: auto }</style>
    ${head}
  </head>
  <body>
    <h1>A page</h1>
    ${Array.from({ length: 40 }, (_, i) => `<h2>Part ${i + 1}</h2><p>${PARAGRAPH.repeat(3)}</p>`).join("\n    ")}
    ${tail}
  </body>
</html>
`;

const listen = (handler) =>
  new Promise((resolve, reject) => {
    const server = createServer({ keepAliveTimeout: 60000 }, handler);
    server.on("error", reject).listen(0, "127.0.0.1", () => resolve(server));
  });
