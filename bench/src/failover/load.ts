import { setTimeout as sleep } from "node:timers/promises";
import { MeshError, type MeshClient } from "@shoal/mesh/client";

/** One call of the steady load. Times by `performance.now()`. */
export interface Call {
  readonly key: string;
  readonly sentAt: number;
  endedAt: number | undefined;
  /** `ok`, or an error's code; undefined while it is under way. */
  outcome: string | undefined;
}

export interface LoadOptions {
  readonly perSecond: number;
  readonly seconds: number;
  readonly handlerMs: number;
  readonly timeoutMs: number;
}

/** Calls at a steady rate, whatever becomes of the earlier ones. */
export class Load {
  readonly calls: Call[] = [];
  private readonly mesh: MeshClient;
  private readonly options: LoadOptions;
  private readonly waiting = new Set<Promise<void>>();

  constructor(mesh: MeshClient, options: LoadOptions) {
    this.mesh = mesh;
    this.options = options;
  }

  /** Resolves when the last call has been sent. */
  async run(): Promise<void> {
    const { perSecond, seconds } = this.options;
    const from = performance.now();
    for (let n = 0; n < perSecond * seconds; n++) {
      const dueAt = from + (n / perSecond) * 1_000;
      if (dueAt > performance.now()) await sleep(dueAt - performance.now());
      this.send(`k${n}`);
    }
  }

  /** Resolves when every call has ended, or `graceMs` after the last deadline: what is left then hangs. */
  async settle(graceMs: number): Promise<void> {
    await Promise.race([
      Promise.all(this.waiting),
      sleep(this.options.timeoutMs + graceMs, undefined, { ref: false }),
    ]);
  }

  private send(key: string): void {
    const { handlerMs, timeoutMs } = this.options;
    const call: Call = { key, sentAt: performance.now(), endedAt: undefined, outcome: undefined };
    this.calls.push(call);
    const end = (outcome: string): void => {
      call.outcome = outcome;
      call.endedAt = performance.now();
    };
    const options = { idempotent: true, idempotencyKey: key, timeout: timeoutMs };
    const ended = this.mesh.call("job.work", { key, ms: handlerMs }, options).then(
      () => end("ok"),
      (error: unknown) => end(error instanceof MeshError ? error.code : "internal"),
    );
    this.waiting.add(ended);
    void ended.then(() => this.waiting.delete(ended));
  }
}
