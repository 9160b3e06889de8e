import { cpuSeconds, machineTime } from "./cpu.ts";

/** Processor time that some processes use between two moments, and what the rest of the machine uses meanwhile. */
export class Usage {
  readonly #pids: readonly number[];
  #atBegin: readonly number[] = [];
  #machineAtBegin = machineTime();
  #seconds: readonly number[] = [];
  #othersShare = NaN;

  constructor(pids: readonly number[]) {
    this.#pids = pids;
  }

  begin(): void {
    this.#machineAtBegin = machineTime();
    this.#atBegin = this.#pids.map(cpuSeconds);
  }

  end(): void {
    this.#seconds = this.#pids.map((pid, index) => cpuSeconds(pid) - (this.#atBegin[index] ?? NaN));
    const { seconds, busySeconds } = machineTime();
    const busy = busySeconds - this.#machineAtBegin.busySeconds;
    const ours = this.#seconds.reduce((sum, each) => sum + each, 0);
    this.#othersShare = Math.max(0, busy - ours) / (seconds - this.#machineAtBegin.seconds);
  }

  /** Seconds of user and system time, in the order of the processes. */
  get seconds(): readonly number[] {
    return this.#seconds;
  }

  /** Share of the machine that other processes took, 0 to 1. */
  get othersShare(): number {
    return this.#othersShare;
  }
}
