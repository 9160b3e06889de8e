import { join } from "node:path";
import { binaryName, onPath, runToEnd } from "../child.mjs";
import { RouteFailed } from "../errors.mjs";
import { answers } from "../http.mjs";
import { elapsed } from "../progress.mjs";

/** @typedef {import("./route.d.mts").Route} Route */

const ASK_TIMEOUT_MS = 10_000;
const BUILD_TIMEOUT_MS = 20 * 60 * 1000;
const TICK_MS = 1_000;

/**
 * Go builds it from source and checks every module against its checksum database. A module proxy that does not answer
 * would make Go wait for minutes, so it is asked first.
 *
 * @type {Route}
 */
export const goRoute = {
  source: "go",
  where: "go install",
  async make(tool, folder, { env, limits, onStep }) {
    const [go] = await onPath("go", env);
    if (go === undefined) throw new RouteFailed("Go is not installed");
    const { module, folder: inner, version } = tool.go;
    await askProxy(go, `${module}/@v/v${version}.info`, env, limits.headersMs);
    const target = `${module}${inner}@v${version}`;
    const label = `${tool.name} ${version}: go install ${target}`;
    onStep({ kind: "info", text: `${label} (builds it; minutes the first time)` });
    const started = Date.now();
    const timer = setInterval(
      () => onStep({ kind: "progress", text: `${label}, ${elapsed(Date.now() - started)}` }),
      TICK_MS,
    );
    // The tools are pure Go: without cgo no C compiler is needed and the binary runs on any libc.
    const buildEnv = { ...env, GOBIN: folder, CGO_ENABLED: "0" };
    const ended = await runToEnd(go, ["install", target], {
      env: buildEnv,
      cwd: folder,
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    clearInterval(timer);
    if (ended.failure !== undefined) throw new RouteFailed(`go install ${target} failed: ${ended.failure}`);
    return join(folder, binaryName(tool.name));
  },
};

/**
 * @param {string} go
 * @param {string} path
 * @param {NodeJS.ProcessEnv} env
 * @param {number} headersMs
 * @throws {RouteFailed} when Go would go to a module proxy that is not there
 */
async function askProxy(go, path, env, headersMs) {
  // Behind an HTTP proxy Go may reach what this Node cannot: then only Go can tell.
  if (env["HTTPS_PROXY"] || env["https_proxy"]) return;
  const { stdout } = await runToEnd(go, ["env", "GOPROXY"], { env, timeoutMs: ASK_TIMEOUT_MS });
  const first = stdout.trim().split(/[,|]/)[0] ?? "";
  // "direct", "off" and file:// are Go's own affair.
  if (!/^https?:/.test(first)) return;
  if (!(await answers(`${first.replace(/\/$/, "")}/${path}`, { env, headersMs }))) {
    throw new RouteFailed(`the Go module proxy ${first} does not answer`);
  }
}
