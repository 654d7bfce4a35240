// cargo xtask bench banner: our banner beside others, in Chromium, on one page, round by round.
import { parseArgs } from "node:util";

import { launch } from "./chromium.mjs";
import { start } from "./host.mjs";
import { table } from "./report.mjs";
import { measure } from "./round.mjs";
import { SLOW } from "./visit.mjs";

const { values } = parseArgs({
  options: {
    chromium: { type: "string" },
    program: { type: "string" },
    declaration: { type: "string" },
    packages: { type: "string" },
    rounds: { type: "string", default: "15" },
  },
});
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds > 0)) {
  console.error(`--rounds ${values.rounds}: give a whole number from 1 on`);
  process.exit(2);
}

const host = await start(values);
const browser = launch(values.chromium);
// Interrupted: the calls under way fail, and what was started is put away below.
process.once("SIGINT", () => browser.close());
try {
  const { product } = await browser.send("Browser.getVersion");
  console.log(
    `${product}; CPU slowed ${SLOW.cpu} times; ${SLOW.latency} ms a request, ${SLOW.down} kbit/s down, ${SLOW.up} kbit/s up.\n` +
      `Medians of ${rounds} rounds. “Added” is what the page without a banner did not take in the same round.\n`,
  );
  const figures = new Map(host.contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Each goes first in turn.
    const order = host.contenders.map((_, i) => host.contenders[(i + round) % host.contenders.length]);
    for (const contender of order) figures.get(contender.name).push(await measure(browser, host, contender));
    if (process.stderr.isTTY) process.stderr.write(`round ${round + 1} of ${rounds}\r`);
  }
  console.log(table(figures));
} finally {
  await browser.close();
  host.close();
}
