import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { machineTime } from "./cpu.ts";
import { findServer } from "./server.ts";

/** Where the figures were taken, and whether anything else was at work there. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gb: number;
  readonly os: string;
  /** Processes that wanted a core in the last minute, before the benchmark began. */
  readonly load: number;
  /** Share of processor time unused in the second before the benchmark, 0 to 1. */
  readonly idle: number;
  /** Share of the machine that other processes took during the benchmark, 0 to 1; null where it was not watched. */
  readonly others: number | null;
  /** False when something else was at work: the figures are then an indication, not a result. */
  readonly quiet: boolean;
  readonly warning: string | null;
}

/** More than this share of the machine at work for others makes figures an indication, not a result. */
const DISTURBED = 0.05;

/** Looks at the machine for a second while nothing of ours runs. */
export async function inspectMachine(): Promise<Machine> {
  const idle = await idleShare(1_000);
  const load = loadavg()[0] ?? 0;
  const quiet = 1 - idle <= DISTURBED;
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    os: `${platform()} ${release()} ${arch()}`,
    load: round(load),
    idle: round(idle),
    others: null,
    quiet,
    warning: quiet
      ? null
      : `the machine is not quiet: ${Math.round((1 - idle) * 100)} % busy, load ${round(load)}`,
  };
}

/** The same machine, with what went on beside the benchmark while it ran. */
export function disturbedBy(machine: Machine, othersShare: number): Machine {
  if (!Number.isFinite(othersShare)) return machine;
  const others = round(othersShare);
  if (othersShare <= DISTURBED) return { ...machine, others };
  const warning = `other processes took ${Math.round(othersShare * 100)} % of the machine during the benchmark`;
  return { ...machine, others, quiet: false, warning };
}

async function idleShare(overMs: number): Promise<number> {
  const before = machineTime();
  await sleep(overMs);
  const after = machineTime();
  return 1 - (after.busySeconds - before.busySeconds) / (after.seconds - before.seconds);
}

/** The versions of Node, nats-server and the named packages, as installed beside this benchmark. */
export function inspectVersions(packages: readonly string[]): Record<string, string> {
  const versions: Record<string, string> = { node: process.version.slice(1), "nats-server": serverVersion() };
  for (const name of packages) versions[name] = packageVersion(name);
  return versions;
}

function serverVersion(): string {
  const text = execFileSync(findServer(), ["--version"], { encoding: "utf8" });
  return /v([\d.]+\S*)/.exec(text)?.[1] ?? text.trim();
}

function packageVersion(name: string): string {
  const path = findPackageJSON(name, import.meta.url);
  if (path === undefined) return "missing";
  const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
  const { version } = manifest as { version?: string };
  return version ?? "unknown";
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
