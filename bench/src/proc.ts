import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A file in which Linux tells of a process. Throws when the process has ended. */
export function procFile(pid: number, name: "stat" | "status"): string {
  return whileRunning(pid, () => readFileSync(`/proc/${pid}/${name}`, "utf8"));
}

/** One thing that `ps` tells of a process, for machines without /proc. Throws when the process has ended. */
export function psField(pid: number, name: "time" | "rss"): string {
  const args = ["-o", `${name}=`, "-p", String(pid)];
  return whileRunning(pid, () => execFileSync("ps", args, { encoding: "utf8" })).trim();
}

function whileRunning(pid: number, read: () => string): string {
  try {
    return read();
  } catch (error) {
    throw isRunning(pid) ? error : new Error(`process ${pid} has ended`, { cause: error });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
