// Finds or fetches the programs that Shoal runs beside itself. Plain JavaScript for Node 20 without dependencies,
// because the set-up of a fresh clone runs it before anything is installed, and `shoal up` runs the same from the
// published package.
//
// P1: what is returned has been run and has said its version.
// P2: a binary in the cache is whole and checked, or absent.
// P3: nothing waits without a bound; a blocked route costs seconds.

import { homedir } from "node:os";
import { join } from "node:path";
import { DEFAULT_LIMITS } from "./download.mjs";
import { ProvisionError, RouteFailed } from "./errors.mjs";
import { locate } from "./locate.mjs";
import { aptRoute } from "./routes/apt.mjs";
import { goRoute } from "./routes/go.mjs";
import { releaseRoute } from "./routes/release.mjs";
import { putInPlace, withStaging } from "./staging.mjs";
import { natsCli, natsServer } from "./tools.mjs";

export { runToEnd } from "./child.mjs";
export { ProvisionError } from "./errors.mjs";
export { createReporter, elapsed } from "./progress.mjs";
export { resumeDownload } from "./resume.mjs";
export { extractTarGz } from "./tar.mjs";
export { natsCli, natsServer } from "./tools.mjs";
export { compareVersions, findVersion } from "./version.mjs";
export { extractZip } from "./zip.mjs";

/** @typedef {import("./index.d.mts").Tool} Tool */
/** @typedef {import("./index.d.mts").Found} Found */

// Fastest first: an archive takes seconds, a build minutes, and Debian's package is often old.
const ROUTES = [releaseRoute, goRoute, aptRoute];

/**
 * @param {"nats-server" | "nats" | Tool} tool
 * @param {import("./index.d.mts").ProvisionOptions} [options]
 * @returns {Promise<Found>}
 */
export async function findOrFetch(tool, options = {}) {
  const wanted = typeof tool === "string" ? named(tool) : tool;
  const { env = process.env, cacheDir = userCacheDir(env), offline = false, onStep = () => {} } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const binDir = join(cacheDir, "bin");
  const { found, tried } = await locate(wanted, { env, binDir });
  for (const { where, why } of tried)
    onStep({ kind: "info", text: `${wanted.name}: not from ${where}: ${why}` });
  if (found !== undefined) return found;
  if (offline)
    throw new ProvisionError(wanted, [...tried, { where: "download", why: "not tried, as asked" }]);
  for (const { source, where, make } of ROUTES) {
    try {
      return await withStaging(cacheDir, async (folder) => {
        const file = await make(wanted, folder, { env, limits, onStep });
        return { ...(await putInPlace(wanted, file, { env, binDir })), source };
      });
    } catch (error) {
      if (!(error instanceof RouteFailed)) throw error;
      tried.push({ where, why: error.message });
      onStep({ kind: "info", text: `${wanted.name}: not by ${where}: ${error.message}` });
    }
  }
  throw new ProvisionError(wanted, tried);
}

/**
 * Where a person's own copies are kept: `$SHOAL_CACHE`, else `~/.cache/shoal`, or what this system uses instead.
 *
 * @param {NodeJS.ProcessEnv} [env]
 */
export function userCacheDir(env = process.env) {
  if (env["SHOAL_CACHE"]) return env["SHOAL_CACHE"];
  const home = env["HOME"] ?? homedir();
  if (process.platform === "win32")
    return join(env["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "shoal");
  if (process.platform === "darwin") return join(home, "Library", "Caches", "shoal");
  return join(env["XDG_CACHE_HOME"] || join(home, ".cache"), "shoal");
}

/** @param {"nats-server" | "nats"} name */
function named(name) {
  return name === "nats" ? natsCli : natsServer;
}
