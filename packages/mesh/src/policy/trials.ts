import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Attempts } from "./attempts.ts";
import type { Target } from "./target.ts";
import type { Attempt, Work } from "./work.ts";

export interface Succeeded<T> {
  readonly value: T;
  readonly target: Target;
  /** By the clock. */
  readonly startedAt: number;
}

/** What an attempt is given. */
export interface Terms extends Pick<Attempt, "timeoutMs" | "retries" | "undegraded" | "from"> {
  /** It has the time that the target may take: else it is the caller that is impatient. */
  readonly isFair: boolean;
}

/**
 * Makes the attempts at one request, each within its time and at a replica that has not failed yet.
 *
 * AK8: once one of them has asked the caller something, none is made beside it: the caller would be asked twice.
 */
export class Trials<T> {
  private readonly clock: Clock;
  private readonly work: Work<T>;
  private readonly attempts: Attempts;
  /** Replicas that have been tried, by agent. */
  private readonly spent = new Map<string, Set<string>>();
  /** Agents that have been asked for another replica, and have none. */
  private readonly alone = new Set<string>();
  /** Attempts so far. */
  private made = 0;
  /** Attempts under way that nobody has said to hold. */
  private unheld = 0;
  /** One of them has asked the caller something. */
  hasAsked = false;

  constructor(clock: Clock, work: Work<T>, attempts: Attempts) {
    this.clock = clock;
    this.work = work;
    this.attempts = attempts;
  }

  /** Of every attempt under way it is known which replica has it. */
  get areHeld(): boolean {
    return this.unheld === 0;
  }

  /**
   * @param unless fires when another attempt was faster
   * @throws MeshError
   */
  async make(target: Target, terms: Terms, unless?: AbortSignal): Promise<Succeeded<T>> {
    const { clock, work } = this;
    const { agent } = target;
    const startedAt = clock.now();
    const spent = this.spentOf(agent);
    let holder: string | undefined;
    this.unheld++;
    const how: Attempt = {
      ...terms,
      trial: ++this.made,
      signal: unless && work.signal ? AbortSignal.any([unless, work.signal]) : (unless ?? work.signal),
      // Y4
      avoid: spent.size > 0 && !this.alone.has(agent) ? [...spent] : undefined,
      onHeld: (replica) => {
        if (holder === undefined) this.unheld--;
        holder = replica;
        if (how.avoid?.includes(replica)) this.alone.add(agent);
        spent.add(replica);
      },
      onAsked: () => {
        this.hasAsked = true;
      },
    };
    try {
      const value = await target.run(() => this.within(target, how), terms.isFair);
      target.took(work.method, clock.now() - startedAt);
      return { value, target, startedAt };
    } catch (thrown) {
      const error = asMeshError(thrown);
      if (unless?.aborted) throw error;
      const replica = error.replica ?? holder;
      if (replica !== undefined && how.avoid?.includes(replica)) this.alone.add(agent);
      if (replica !== undefined) spent.add(replica);
      if (!work.signal?.aborted) target.failed(error);
      this.attempts.add(agent, error, startedAt);
      throw error;
    } finally {
      if (holder === undefined) this.unheld--;
    }
  }

  /** What had begun well has failed; who held it is known since then. */
  brokeOff({ target, startedAt }: Succeeded<T>, error: MeshError): void {
    if (!this.work.signal?.aborted) target.brokeOff(error);
    this.attempts.add(target.agent, error, startedAt);
  }

  private spentOf(agent: string): Set<string> {
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
      const { agent, method, attempt, replica, hasBegun } = error;
      throw new MeshError("timeout", `no answer within ${Math.round(how.timeoutMs)} ms.`, {
        agent,
        method,
        attempt,
        replica,
        hasBegun,
        cause: error,
      });
    }
  }
}
