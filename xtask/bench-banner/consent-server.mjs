// A consent server of its own for the measurements, with a store on disk, as behind a site's own host.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as ask } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Starts `consent serve` for one site, whose pages are at `url`.
 * @returns {Promise<{ pass: (request, response, age: number) => void, close: () => void }>}
 */
export const serve = async ({ program, declaration, url }) => {
  const folder = mkdtempSync(join(tmpdir(), "bench-consent-"));
  const sites = join(folder, "sites");
  mkdirSync(sites);
  const origins = `origins = ["${url}"]`;
  writeFileSync(join(sites, "site.toml"), readFileSync(declaration, "utf8").replace(/^origins = .*$/m, origins));
  const port = await freePort();
  const child = spawn(
    program,
    ["serve", "--listen", `127.0.0.1:${port}`, "--url", url, "--sites", sites, "--data", join(folder, "data")],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.on("data", (data) => (said += data));
  let ended;
  child.on("exit", (code) => (ended = `the consent server ended with ${code}: ${said}`));

  const to = { host: "127.0.0.1", port };
  const isReady = () =>
    new Promise((resolve) => {
      ask({ ...to, path: "/readyz" }, (answer) => resolve(answer.resume().statusCode == 200))
        .on("error", () => resolve(false))
        .end();
    });
  while (!(await isReady())) {
    if (ended) throw new Error(ended);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    /** Hands a request on, and its answer back, which is so many seconds old if it is whole. */
    pass: (request, response, age) => {
      const { url: path, method } = request;
      const onward = ask({ ...to, path, method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode, { ...answer.headers, Age: answer.statusCode == 304 ? 0 : age });
        answer.pipe(response);
      });
      onward.on("error", () => response.writeHead(502).end());
      request.pipe(onward);
    },
    close: () => {
      child.on("exit", () => rmSync(folder, { recursive: true, force: true }));
      child.kill();
    },
  };
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
