import type { Clock } from "../clock.ts";
import type { Agent } from "../contract/agent.ts";
import type { MeshError } from "../errors.ts";
import type { Job } from "./job.ts";
import type { Loop } from "./loop.ts";
import { RateLimits } from "./rate-limits.ts";
import { blocked, cycle, leaving, tooLate } from "./refusals.ts";

/** Whether an actor takes a request at all, however much room it has. */
export class Admission {
  private readonly agent: Agent;
  private readonly loop: Loop<Job>;
  private readonly limits: RateLimits | undefined;

  constructor(agent: Agent, clock: Clock, loop: Loop<Job>) {
    this.agent = agent;
    this.loop = loop;
    this.limits = RateLimits.of(agent, clock);
  }

  /** Why it does not; undefined when it does. */
  refusalOf({ inbound, method, arrivedAt }: Job, isClosed: boolean): MeshError | undefined {
    const { name } = this.agent.contract;
    if (inbound.remainingMs <= 0) return tooLate(method.target);
    // H2
    const shedMs = this.loop.shedUntil - arrivedAt;
    if (shedMs > 0 && inbound.attempt === 1 && !inbound.isLocal && !inbound.moves)
      return blocked(name, shedMs);
    if (isClosed) return leaving(name);
    if (inbound.chain.includes(name) && !this.agent.reentrant) return cycle(inbound.chain, name);
    // I1: where it was before it has been counted already.
    return inbound.moves ? undefined : this.limits?.refusalOf(inbound);
  }
}
