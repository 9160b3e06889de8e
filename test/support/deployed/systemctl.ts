// Stands for `systemctl` on a machine that is a directory: starts what a unit says, where it says, and ends it as it says.
//
// In its environment: MACHINE_ROOT, the directory; MACHINE_ADDRESS, its address on the loopback network; MACHINE_MONITOR, the
// port where its NATS server answers `/healthz`; NATS_SERVER, the program.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 25_000;
const { MACHINE_ROOT: root = "", MACHINE_ADDRESS: address = "", MACHINE_MONITOR: monitor = "" } = process.env;
const state = join(root, "run");
mkdirSync(state, { recursive: true });

const [verb, ...words] = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith("-"));
for (const name of names) {
  if (verb === "enable" || verb === "start") await start(name);
  else if (verb === "stop") await stop(name, settingsOf(name).get("KillSignal")?.[0] ?? "SIGTERM");
  else if (verb === "kill") await stop(name, `SIG${words.join(" ").match(/--signal=(\w+)/)?.[1]}`);
  else throw new Error(`no ${verb} here`);
}

/** Resolves when it runs, and where it says that it serves, when it does. */
async function start(name: string): Promise<void> {
  const settings = settingsOf(name);
  const one = (key: string): string => inRoot(settings.get(key)?.[0] ?? "");
  const file = one("EnvironmentFile").replace(/^-/, "");
  const environment = file !== "" && existsSync(file) ? `set -a; . ${file}; set +a;` : "";
  const log = join(state, `${name}.log`);
  const output = openSync(log, "a");
  const child = spawn("sh", ["-c", `${environment} exec ${commandOf(one("ExecStart"))}`], {
    cwd: one("WorkingDirectory"),
    // By npm a node would end with its parent, which this is not.
    env: Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith("npm_"))),
    detached: true,
    stdio: ["ignore", output, output],
  });
  child.unref();
  writeFileSync(join(state, `${name}.pid`), String(child.pid));
  if (!name.startsWith("shoal@")) return;
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!readFileSync(log, "utf8").includes('"serving ')) {
    if (child.exitCode !== null || performance.now() > giveUpAt)
      throw new Error(`${name} does not serve:\n${readFileSync(log, "utf8")}`);
    await sleep(50);
  }
}

/** Resolves when its process is gone. */
async function stop(name: string, signal: string): Promise<void> {
  const pid = Number(readFileSync(join(state, `${name}.pid`), "utf8"));
  for (let wanted: string | number = signal; ; wanted = 0) {
    try {
      process.kill(pid, wanted);
    } catch {
      return;
    }
    await sleep(50);
  }
}

/** A unit's settings, of which some are there more than once. */
function settingsOf(name: string): Map<string, string[]> {
  const [, unit = name, instance = ""] = /^(\w+@)(.*)$/.exec(name) ?? [];
  const text = readFileSync(join(root, "etc/systemd/system", `${unit}.service`), "utf8");
  const settings = new Map<string, string[]>();
  for (const [, key = "", value = ""] of text.matchAll(/^(\w+)=(.*)$/gm))
    settings.set(key, [...(settings.get(key) ?? []), value.replaceAll("%i", instance)]);
  return settings;
}

/** Three servers share this machine: each has an address of its own in place of all. */
function commandOf(line: string): string {
  const server = join(root, "usr/local/bin/nats-server");
  if (!line.startsWith(server)) return line;
  const own = `-a ${address} -m ${monitor} --cluster_listen nats://${address}:6222`;
  return `${process.env["NATS_SERVER"]}${line.slice(server.length)} ${own}`;
}

function inRoot(text: string): string {
  return text.replace(/(^|[\s-])\/(etc|opt|usr|var)\//g, `$1${root}/$2/`);
}
