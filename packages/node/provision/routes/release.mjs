import { basename, join } from "node:path";
import { binaryName } from "../child.mjs";
import { download, downloadText } from "../download.mjs";
import { RouteFailed } from "../errors.mjs";
import { hostPlatform } from "../platform.mjs";
import { extractTarGz } from "../tar.mjs";
import { extractZip } from "../zip.mjs";

/** @typedef {import("./route.d.mts").Route} Route */

/**
 * The archive that the project publishes, checked against the pinned SHA-256; on a platform without a pin, against the
 * list that the release carries, which guards against a broken download alone.
 *
 * @type {Route}
 */
export const releaseRoute = {
  source: "release",
  where: "release archive",
  async make(tool, folder, { env, limits, onStep }) {
    const { repository, version, archive, sha256 } = tool.release;
    const name = archive(hostPlatform());
    const site = env["SHOAL_RELEASES_URL"] || "https://github.com";
    const base = `${site}/${repository}/releases/download/v${version}`;
    const packed = join(folder, "archive");
    const label = `${tool.name} ${version}: downloading ${base}/${name}`;
    const sum = await download(`${base}/${name}`, packed, {
      env,
      limits,
      onFraction: (fraction) => onStep({ kind: "progress", text: label, fraction }),
    });
    const pinned = sha256[name];
    const expected = pinned ?? listed(await downloadText(`${base}/SHA256SUMS`, { env, limits }), name);
    if (sum !== expected) throw new RouteFailed(`${name} has SHA-256 ${sum}, expected ${expected}: not used`);
    const by =
      pinned === undefined ? "the release's own SHA256SUMS (no pin for this platform)" : "its pinned SHA-256";
    onStep({ kind: "info", text: `${tool.name} ${version}: ${name} downloaded and checked against ${by}` });
    return unpack(packed, name, tool.name, folder);
  },
};

/**
 * @param {string} packed
 * @param {string} name
 * @param {string} binary
 * @param {string} folder
 */
async function unpack(packed, name, binary, folder) {
  const wanted = binaryName(binary);
  const target = join(folder, wanted);
  const extract = name.endsWith(".zip") ? extractZip : extractTarGz;
  let count;
  try {
    count = await extract(packed, (path) => (basename(path) === wanted ? target : undefined));
  } catch (error) {
    throw new RouteFailed(`${name} cannot be unpacked: ${/** @type {Error} */ (error).message}`, {
      cause: error,
    });
  }
  if (count === 0) throw new RouteFailed(`${name} holds no ${wanted}`);
  return target;
}

/**
 * @param {string} sums
 * @param {string} name
 */
function listed(sums, name) {
  for (const line of sums.split("\n")) {
    const [sum, file] = line.trim().split(/\s+\*?/);
    if (file === name && sum !== undefined) return sum.toLowerCase();
  }
  throw new RouteFailed(`the release's SHA256SUMS does not list ${name}`);
}
