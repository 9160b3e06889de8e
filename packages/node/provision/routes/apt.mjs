import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isExecutable, onPath, runToEnd } from "../child.mjs";
import { RouteFailed } from "../errors.mjs";

/** @typedef {import("./route.d.mts").Route} Route */

const TIMEOUT_MS = 120_000;
// A mirror that is not there must cost seconds.
const QUICK = [
  "-o",
  "Acquire::Retries=0",
  "-o",
  "Acquire::http::Timeout=5",
  "-o",
  "Acquire::https::Timeout=5",
];
const PLACES = ["usr/sbin", "usr/bin"];

/**
 * The distribution's package, checked by apt against its signed lists, and unpacked here rather than installed: nothing
 * on the system changes, and no service takes the NATS port. Only a machine without package lists needs root, to get them.
 *
 * @type {Route}
 */
export const aptRoute = {
  source: "apt",
  where: "apt-get",
  async make(tool, folder, { env, onStep }) {
    const name = tool.apt;
    if (name === undefined) throw new RouteFailed(`Debian has no package of ${tool.name}`);
    const [apt] = await onPath("apt-get", env);
    const [dpkg] = await onPath("dpkg-deb", env);
    if (apt === undefined || dpkg === undefined) throw new RouteFailed("this is not a Debian system");
    const run = (/** @type {string} */ command, /** @type {string[]} */ args) =>
      runToEnd(command, args, { env: { ...env, LC_ALL: "C" }, cwd: folder, timeoutMs: TIMEOUT_MS });
    // As another user apt could not write to the folder.
    const fetch = () => run(apt, [...QUICK, "-o", "APT::Sandbox::User=root", "download", name]);

    onStep({
      kind: "info",
      text: `${tool.name}: taking the Debian package by apt-get, unpacked and not installed`,
    });
    let fetched = await fetch();
    if (fetched.failure !== undefined && process.getuid?.() === 0) {
      onStep({
        kind: "info",
        text: `${tool.name}: apt-get update, since no package could be had by the present lists`,
      });
      const updated = await run(apt, [...QUICK, "update"]);
      if (updated.failure !== undefined) throw new RouteFailed(`apt-get update failed: ${updated.failure}`);
      fetched = await fetch();
    }
    if (fetched.failure !== undefined)
      throw new RouteFailed(`apt-get download ${name} failed: ${fetched.failure}`);
    const deb = (await readdir(folder)).find((file) => file.endsWith(".deb"));
    if (deb === undefined) throw new RouteFailed(`apt-get download ${name} brought no package`);
    const unpacked = await run(dpkg, ["--extract", deb, "content"]);
    if (unpacked.failure !== undefined)
      throw new RouteFailed(`${deb} cannot be unpacked: ${unpacked.failure}`);
    for (const place of PLACES) {
      const file = join(folder, "content", place, tool.name);
      if (await isExecutable(file)) return file;
    }
    throw new RouteFailed(`the package ${name} holds no ${tool.name}`);
  },
};
