import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Attempts } from "./attempts.ts";
import type { Target } from "./target.ts";
import type { Attempt, Work } from "./work.ts";

/** Makes the attempts at one request, each within its time and at a replica that has not failed yet. */
export class Trials<T> {
  private readonly clock: Clock;
  private readonly work: Work<T>;
  private readonly attempts: Attempts;
  /** Replicas that have been tried, by agent. */
  private readonly spent = new Map<string, Set<string>>();

  constructor(clock: Clock, work: Work<T>, attempts: Attempts) {
    this.clock = clock;
    this.work = work;
    this.attempts = attempts;
  }

  /**
   * @param signal fires when another attempt was faster
   * @throws MeshError
   */
  async make(
    target: Target,
    timeoutMs: number,
    retries: number | undefined,
    signal?: AbortSignal,
  ): Promise<T> {
    const { clock, work } = this;
    const startedAt = clock.now();
    const spent = this.spentOf(target);
    let holder: string | undefined;
    const how: Attempt = {
      timeoutMs,
      retries,
      signal: signal && work.signal ? AbortSignal.any([signal, work.signal]) : (signal ?? work.signal),
      // Y4
      avoid: spent.size > 0 ? [...spent] : undefined,
      onHeld: (replica) => {
        holder = replica;
        spent.add(replica);
      },
    };
    try {
      const value = await target.run(() => this.within(target, how));
      target.latency.add(clock.now() - startedAt);
      return value;
    } catch (thrown) {
      const error = asMeshError(thrown);
      if (signal?.aborted) throw error;
      const replica = error.replica ?? holder;
      if (replica !== undefined) spent.add(replica);
      target.failed(error);
      this.attempts.add(target.agent, error, startedAt);
      throw error;
    }
  }

  private spentOf({ agent }: Target): Set<string> {
    let spent = this.spent.get(agent);
    if (!spent) this.spent.set(agent, (spent = new Set()));
    return spent;
  }

  /** An attempt that ran out of its own time is another thing than a request that has run out of its. */
  private async within(target: Target, how: Attempt): Promise<T> {
    try {
      return await this.work.attempt(target, how);
    } catch (thrown) {
      const error = asMeshError(thrown);
      if (error.code !== "deadline_exceeded" || this.clock.now() >= this.work.deadlineAt) throw error;
      const { agent, method, attempt, replica } = error;
      throw new MeshError("timeout", `no answer within ${Math.round(how.timeoutMs)} ms.`, {
        agent,
        method,
        attempt,
        replica,
        cause: error,
      });
    }
  }
}
