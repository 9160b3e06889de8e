import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's is alive too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A process's command line; empty when there is no such process. */
export function commandOf(pid: number): string {
  if (pid <= 0) return "";
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return (spawnSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" }).stdout ?? "").trim();
  }
}

/** Asks a process to end, and kills it when it has not after `graceMs`. Resolves when it is gone. */
export async function endProcess(pid: number, graceMs: number): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const until = performance.now() + graceMs;
    while (performance.now() < until) {
      // One that has ended and that nobody has reaped has no command line any more.
      if (!isAlive(pid) || commandOf(pid) === "") return;
      await sleep(25);
    }
  }
}
