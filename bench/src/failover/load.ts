import { setTimeout as sleep } from "node:timers/promises";
import { MeshError, type MeshClient, type Served } from "@shoal/mesh/client";
import { machineNow } from "./machine-clock.ts";

/** One call of the steady load. Times by {@link machineNow}. */
export interface Call {
  readonly key: string;
  readonly sentAt: number;
  endedAt: number | undefined;
  /** `ok`, or an error's code; undefined while it is under way. */
  outcome: string | undefined;
  /** The attempt that ended it. */
  attempt: number;
}

export interface LoadOptions {
  readonly perSecond: number;
  readonly seconds: number;
  readonly handlerMs: number;
  readonly timeoutMs: number;
}

/** Calls at a steady rate, whatever becomes of the earlier ones, by several callers in turn. */
export class Load {
  readonly calls: Call[] = [];
  private readonly callers: readonly MeshClient[];
  private readonly options: LoadOptions;
  private readonly waiting = new Set<Promise<void>>();

  constructor(callers: readonly MeshClient[], options: LoadOptions) {
    this.callers = callers;
    this.options = options;
  }

  /** Resolves when the last call has been sent. */
  async run(): Promise<void> {
    const { perSecond, seconds } = this.options;
    const from = machineNow();
    for (let n = 0; n < perSecond * seconds; n++) {
      const dueInMs = from + (n / perSecond) * 1_000 - machineNow();
      if (dueInMs > 0) await sleep(dueInMs);
      const caller = this.callers[n % this.callers.length];
      if (caller) this.send(caller, `k${n}`);
    }
  }

  /** Resolves when every call has ended, or `graceMs` after the last deadline: what is left then hangs. */
  async settle(graceMs: number): Promise<void> {
    await Promise.race([
      Promise.all(this.waiting),
      sleep(this.options.timeoutMs + graceMs, undefined, { ref: false }),
    ]);
  }

  private send(caller: MeshClient, key: string): void {
    const { handlerMs, timeoutMs } = this.options;
    const call: Call = { key, sentAt: machineNow(), endedAt: undefined, outcome: undefined, attempt: 1 };
    this.calls.push(call);
    const end = (outcome: string): void => {
      call.outcome = outcome;
      call.endedAt = machineNow();
    };
    const options = {
      idempotent: true,
      idempotencyKey: key,
      timeout: timeoutMs,
      onServed: ({ attempt }: Served) => void (call.attempt = attempt),
    };
    const ended = caller.call("job.work", { key, ms: handlerMs }, options).then(
      () => end("ok"),
      (error: unknown) => {
        if (error instanceof MeshError) call.attempt = error.attempt ?? 1;
        end(error instanceof MeshError ? error.code : "internal");
      },
    );
    this.waiting.add(ended);
    void ended.then(() => this.waiting.delete(ended));
  }
}
