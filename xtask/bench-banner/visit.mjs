// One visitor, one visit at a time, on a slowed CPU and network.
import { EARLY } from "./probe.mjs";

/** The slow 4G of mobile audits, and a phone's CPU beside a desktop's. */
export const SLOW = { cpu: 4, latency: 150, down: 1600, up: 750 };

/** From the pointer's arrival on a button to the press, in milliseconds: hands are not faster. */
const AIM = 100;

const QUIET = 600;
const LIMIT = 60000;

/** A visitor: cookies, storage and cache of their own. */
export const visitor = async (browser) => {
  const { browserContextId } = await browser.send("Target.createBrowserContext");
  return {
    /** Opens an address in a new tab, with a renderer of its own. */
    open: (address, script = "") => open(browser, browserContextId, address, script),
    leave: () => browser.send("Target.disposeBrowserContext", { browserContextId }),
  };
};

const open = async (browser, browserContextId, address, script) => {
  const { targetId } = await browser.send("Target.createTarget", {
    url: "about:blank",
    browserContextId,
    newWindow: true,
    width: 1280,
    height: 800,
  });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const traffic = watchTraffic(browser, sessionId);

  const evaluate = async (expression) => {
    const call = send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    const { result, exceptionDetails } = await limited(call, `an answer from ${address} to: ${expression.slice(0, 60)}`);
    if (exceptionDetails) throw new Error(`${address}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return result.value;
  };

  await Promise.all([
    send("Page.enable"),
    send("Network.enable"),
    // The thread's own time: what else the machine does does not count.
    send("Performance.enable", { timeDomain: "threadTicks" }),
    send("Emulation.setCPUThrottlingRate", { rate: SLOW.cpu }),
    send("Network.emulateNetworkConditions", {
      offline: false,
      latency: SLOW.latency,
      downloadThroughput: (SLOW.down * 1000) / 8,
      uploadThroughput: (SLOW.up * 1000) / 8,
    }),
    send("Page.addScriptToEvaluateOnNewDocument", { source: EARLY + script }),
  ]);
  const { errorText } = await send("Page.navigate", { url: address });
  if (errorText) throw new Error(`${address}: ${errorText}`);

  return {
    evaluate,
    /** Until the page has loaded, and nothing has been asked for or answered for a while. */
    settle: () => limited(traffic.quiet(), `${address} to come to rest`),
    /** Milliseconds of the main thread's own time so far: in scripts, and in all. */
    spent: async () => {
      const { metrics } = await send("Performance.getMetrics");
      const of = (name) => 1000 * metrics.find((metric) => metric.name == name).value;
      return { script: of("ScriptDuration"), task: of("TaskDuration") };
    },
    /** Bytes received, headers included, and requests made, but for those that `leaveOut` names. */
    received: (leaveOut) => traffic.received(leaveOut),
    /** Moves the mouse there, as a visitor would before the press. */
    aim: async ({ x, y }) => {
      await send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
      await new Promise((resolve) => setTimeout(resolve, AIM));
    },
    /** Presses and lets go of the mouse. */
    click: async ({ x, y }) => {
      const mouse = (type) => send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
      await Promise.all([mouse("mousePressed"), mouse("mouseReleased")]);
    },
    clearCache: () => send("Network.clearBrowserCache"),
    close: async () => {
      traffic.stop();
      await browser.send("Target.closeTarget", { targetId });
    },
  };
};

const watchTraffic = (browser, session) => {
  const requests = new Map();
  let isLoaded = false;
  let open = 0;
  let changed = Date.now();
  const stop = browser.listen(session, (method, params) => {
    if (method == "Page.loadEventFired") isLoaded = true;
    else if (method == "Network.requestWillBeSent" && !requests.has(params.requestId)) {
      requests.set(params.requestId, { address: params.request.url, bytes: 0, cached: false });
      open += 1;
    } else if (method == "Network.requestServedFromCache") requests.get(params.requestId).cached = true;
    else if (method == "Network.responseReceived" && params.response.fromDiskCache) requests.get(params.requestId).cached = true;
    else if (method == "Network.loadingFinished") {
      requests.get(params.requestId).bytes = params.encodedDataLength;
      open -= 1;
    } else if (method == "Network.loadingFailed") open -= 1;
    else return;
    changed = Date.now();
  });
  return {
    stop,
    quiet: async () => {
      while (!isLoaded || open > 0 || Date.now() - changed < QUIET) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    received: (leaveOut) => {
      const counted = [...requests.values()].filter(({ address }) => address != leaveOut && address.startsWith("http"));
      return {
        bytes: counted.reduce((sum, { bytes }) => sum + bytes, 0),
        requests: counted.filter(({ cached }) => !cached).length,
      };
    },
  };
};

const limited = (promise, what) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited a minute for ${what}`)), LIMIT);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};
