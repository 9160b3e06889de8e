import { cpus } from "node:os";
import { procFile, psField } from "./proc.ts";

/** Linux counts in ticks of 1/100 s for every program, whatever the kernel's own rate (`USER_HZ`, proc(5)). */
const TICK_SECONDS = 0.01;

/**
 * Processor time (user and system, all threads) that a process has used since it began, in seconds.
 * Resolution 10 ms. Blocks while it reads, so that two readings frame exactly what is between them. Throws when the
 * process has ended.
 */
export function cpuSeconds(pid: number): number {
  if (pid === process.pid) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
  return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
}

/** Processor time of all cores since the machine started: how much there was and how much anyone used. */
export function machineTime(): { readonly seconds: number; readonly busySeconds: number } {
  let idle = 0;
  let busy = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    busy += times.user + times.sys + times.nice + times.irq;
  }
  return { seconds: (idle + busy) / 1_000, busySeconds: busy / 1_000 };
}

function fromProc(pid: number): number {
  const stat = procFile(pid, "stat");
  // The second field is the name in brackets and may itself hold spaces and brackets: count from its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
}

/** `ps` prints [[days-]hours:]minutes:seconds. */
function fromPs(pid: number): number {
  const [clock = "", days = "0"] = psField(pid, "time").split("-").toReversed();
  return clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}
