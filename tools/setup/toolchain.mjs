import { existsSync, readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, rename, rm, symlink } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { compareVersions } from "../../packages/node/provision/index.mjs";
import { fetchPackage } from "./package.mjs";
import { toolchain, toolchainBin } from "./paths.mjs";
import { SetUpError, step } from "./step.mjs";

/** @typedef {import("./package.mjs").Pin} Pin */
/** @typedef {import("./step.mjs").OnStep} OnStep */
/** @typedef {{ atLeast?: string, packages: Record<string, Pin> }} Pins */

/** @type {{ node: Pins, pnpm: Pins }} */
const pins = JSON.parse(readFileSync(new URL("pins.json", import.meta.url), "utf8"));

/**
 * The Node that runs everything else: this one, where it runs TypeScript by itself, else the pinned one.
 *
 * @param {OnStep} onStep
 * @returns {Promise<{ path: string, version: string, changed: boolean }>}
 */
export async function ensureNode(onStep) {
  const running = process.versions.node;
  const atLeast = /** @type {string} */ (pins.node.atLeast);
  if (compareVersions(running, atLeast) >= 0)
    return { path: process.execPath, version: running, changed: false };
  const pin = pins.node.packages[host()];
  if (pin === undefined) {
    throw new SetUpError(`Node ${atLeast} or later is needed, this is ${running}, and there is no ready-made one for ${host()}:
install it from https://nodejs.org and run this again`);
  }
  return ensure(
    "node",
    pin,
    `since this Node ${running} is older than ${atLeast}, the first to run TypeScript`,
    onStep,
  );
}

/**
 * @param {OnStep} onStep
 * @returns {Promise<{ path: string, version: string, changed: boolean }>}
 */
export async function ensurePnpm(onStep) {
  const pin = pins.pnpm.packages[host()];
  if (pin === undefined) throw new SetUpError(`there is no ready-made pnpm for ${host()}`);
  return ensure("pnpm", pin, "the package manager of the lockfile", onStep);
}

/**
 * @param {"node" | "pnpm"} command
 * @param {Pin} pin
 * @param {string} why
 * @param {OnStep} onStep
 */
async function ensure(command, pin, why, onStep) {
  const home = join(toolchain, "node_modules", pin.name);
  const link = join(toolchainBin, command + extname(pin.binary));
  const present = { path: link, version: pin.version, changed: false };
  if (installedVersion(home) === pin.version && existsSync(link)) return present;
  const checked = pin.integrity === undefined ? "integrity as the registry states it" : "sha512 as pinned";
  await step(
    onStep,
    `${command} ${pin.version} into .toolchain from the registry, ${checked}: ${why}`,
    async () => {
      await fetchPackage(pin, home);
      const binary = join(home, pin.binary);
      await chmod(binary, 0o755);
      await linkBinary(binary, link);
    },
  );
  return { ...present, changed: true };
}

/** @param {string} home */
function installedVersion(home) {
  try {
    return JSON.parse(readFileSync(join(home, "package.json"), "utf8")).version;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} binary
 * @param {string} link
 */
async function linkBinary(binary, link) {
  await mkdir(toolchainBin, { recursive: true });
  const fresh = `${link}.${process.pid}`;
  await rm(fresh, { force: true });
  // Windows lets only some users make links.
  if (process.platform === "win32") await copyFile(binary, fresh);
  else await symlink(relative(toolchainBin, binary), fresh);
  await rename(fresh, link);
}

/** Such as `linux-x64`; on a Linux with musl, where the ready-made Node does not run, `linux-x64-musl`. */
function host() {
  const name = `${process.platform}-${process.arch}`;
  return process.platform === "linux" && isMusl() ? `${name}-musl` : name;
}

function isMusl() {
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return header.glibcVersionRuntime === undefined;
}
