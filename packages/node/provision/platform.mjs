// This machine in the words that NATS's release archives use.

/** @type {Record<string, string>} */
const SYSTEMS = { win32: "windows" };
/** @type {Record<string, string>} */
const MACHINES = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

/** @typedef {{ os: string, arch: string }} Platform */

/** @returns {Platform} such as `{ os: "linux", arch: "amd64" }` */
export function hostPlatform() {
  const arch = process.arch === "arm" ? `arm${armVersion()}` : (MACHINES[process.arch] ?? process.arch);
  return { os: SYSTEMS[process.platform] ?? process.platform, arch };
}

// The archives come for version 6 and 7; a binary for 6 also runs on 7, so 6 is the answer in doubt.
function armVersion() {
  const version = /** @type {Record<string, unknown>} */ (process.config.variables)["arm_version"];
  return Number(version) >= 7 ? 7 : 6;
}
