// What is measured of one contender in one round: two visitors, five pages.
import { place, watch } from "./probe.mjs";
import { texts } from "./texts.mjs";
import { visitor } from "./visit.mjs";

const hasBanner = ({ name }) => name != "no banner";

const firstPaint = `performance.getEntriesByName("first-contentful-paint")[0]?.startTime`;
const clickToRun = `bench.released.then((at) => at - bench.clicked)`;

/** Figures by name: times in milliseconds, bytes. What a page without a banner has none of is left out. */
export const measure = async (browser, host, contender) => {
  const address = host.address(contender);
  return {
    ...(await calmVisitor(browser, address, host.third, hasBanner(contender))),
    ...(hasBanner(contender) ? await hastyVisitor(browser, address) : {}),
  };
};

/** Lets the page come to rest, accepts, and comes back: the next day, a page later, and when the cache has been emptied. */
const calmVisitor = async (browser, address, third, asks) => {
  const { open, leave } = await visitor(browser);
  const first = await open(address);
  await first.settle();
  const spent = await first.spent();
  const { bytes, requests } = first.received(third);
  const figures = { script: spent.script, task: spent.task, bytes, requests, paint: await first.evaluate(firstPaint) };
  if (asks) {
    const button = await first.evaluate(place(texts.accept));
    if (!button) throw new Error(`${address} shows no button “${texts.accept}”`);
    await first.aim(button);
    await first.click(button);
    figures.click = await first.evaluate(clickToRun);
    await first.settle();
    figures.answered = await first.evaluate("bench.answered");
  }

  let before = first;
  for (const when of ["day", "page", "empty"]) {
    if (when == "empty") await before.clearCache();
    await before.close();
    const page = await open(address);
    await page.settle();
    figures[`${when}_script`] = (await page.spent()).script;
    figures[`${when}_requests`] = page.received(third).requests;
    figures[`${when}_run`] = await page.evaluate("bench.released");
    before = page;
  }
  await before.close();
  await leave();
  return figures;
};

/** Accepts as soon as the banner is there. The looking takes script time, so nothing else is measured on this page. */
const hastyVisitor = async (browser, address) => {
  const { open, leave } = await visitor(browser);
  const page = await open(address, watch(texts.accept));
  const seen = await page.evaluate("bench.seen");
  await page.click(seen);
  const hasty = await page.evaluate(clickToRun);
  await page.close();
  await leave();
  return { visible: seen.at, hasty };
};
