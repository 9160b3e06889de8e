// Takes one package from the registry and unpacks what is needed of it. The user's own npm fetches it, so that their
// registry, proxy and certificates hold; the checksum is compared here, so that it does not matter what they are.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extractTarGz } from "../../packages/node/provision/index.mjs";
import { toolchain } from "./paths.mjs";
import { SetUpError } from "./step.mjs";

/** @typedef {{ name: string, version: string, binary: string, integrity?: string }} Pin */

// A registry that is not there should cost seconds; npm's own patience is over a minute.
const IMPATIENT = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=4000"];
const STACK_LINE = /^npm error\s+at /;

/**
 * @param {Pin} pin
 * @param {string} home  the folder it becomes, whole or not at all
 */
export async function fetchPackage(pin, home) {
  await mkdir(join(toolchain, "tmp"), { recursive: true });
  const staging = await mkdtemp(join(toolchain, "tmp", "package-"));
  try {
    const tarball = await pack(`${pin.name}@${pin.version}`, staging);
    await check(pin, tarball);
    const content = join(staging, "content");
    await mkdir(join(content, dirname(pin.binary)), { recursive: true });
    const wanted = ["package.json", "LICENSE", pin.binary];
    const parts = new Map(wanted.map((path) => [`package/${path}`, path]));
    await extractTarGz(tarball, (name) => {
      const path = parts.get(name);
      return path === undefined ? undefined : join(content, path);
    });
    await replace(content, home, join(staging, "old"));
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/**
 * @param {string} spec
 * @param {string} folder
 * @returns {Promise<string>} the tarball
 */
async function pack(spec, folder) {
  const args = [
    "pack",
    spec,
    "--pack-destination",
    folder,
    "--ignore-scripts",
    "--loglevel",
    "error",
    ...IMPATIENT,
  ];
  const { command, first, shell } = npm();
  const output = await new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args], {
      cwd: folder,
      shell,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let text = "";
    child.stderr.setEncoding("utf8").on("data", (piece) => (text += piece));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(text) : reject(new SetUpError(failed(spec, text)))));
  });
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new SetUpError(failed(spec, String(output)));
  return join(folder, tarball);
}

// Under `npm run` the npm that runs is known; otherwise the one on the PATH, which on Windows is a script.
function npm() {
  const running = process.env["npm_execpath"];
  if (running !== undefined && basename(running) === "npm-cli.js") {
    return { command: process.execPath, first: [running], shell: false };
  }
  return { command: "npm", first: [], shell: process.platform === "win32" };
}

/**
 * @param {string} spec
 * @param {string} output
 */
function failed(spec, output) {
  const lines = output.split("\n").filter((line) => line !== "" && !STACK_LINE.test(line));
  return [`npm could not fetch ${spec} from the registry:`, ...lines].join("\n");
}

/**
 * @param {Pin} pin
 * @param {string} tarball
 */
async function check({ name, version, integrity }, tarball) {
  // Without a pin npm's own check against the registry has to do.
  if (integrity === undefined) return;
  const hash = createHash("sha512");
  await pipeline(createReadStream(tarball), hash);
  const actual = `sha512-${hash.digest("base64")}`;
  if (actual !== integrity) {
    throw new SetUpError(
      `${name}@${version} from the registry is not what was pinned: ${actual}, not ${integrity}`,
    );
  }
}

/**
 * @param {string} content
 * @param {string} home
 * @param {string} old  where a former version goes, to be removed
 */
async function replace(content, home, old) {
  await mkdir(dirname(home), { recursive: true });
  await rename(home, old).catch(() => undefined);
  await rename(content, home).catch((error) => {
    // Another set-up put its own copy there in this moment, checked like this one.
    if (!existsSync(join(home, "package.json"))) throw error;
  });
}
