import { procFile, psField } from "./proc.ts";

/** Resident memory of a process, bytes. Throws when the process has ended. */
export function residentBytes(pid: number): number {
  if (process.platform !== "linux") return Number(psField(pid, "rss")) * 1_024;
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(procFile(pid, "status"))?.[1] ?? NaN) * 1_024;
}
