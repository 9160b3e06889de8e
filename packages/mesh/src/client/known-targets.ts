import type { Clock } from "../clock.ts";
import { Target, type TargetOptions } from "../policy/target.ts";

const MAX = 1_000;

/** What a client knows of the agents that it calls with policies: of the thousand that it has called last. */
export class KnownTargets {
  private readonly clock: Clock;
  /** The one that was called last comes last. */
  private readonly targets = new Map<string, Target>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get size(): number {
    return this.targets.size;
  }

  /** @param budget retries for each request */
  get(options: TargetOptions, budget: number): Target {
    const key = `${options.agent}.${options.method ?? ""} ${budget}`;
    const target = this.targets.get(key) ?? new Target(this.clock, options, budget);
    this.targets.delete(key);
    this.targets.set(key, target);
    const [oldest] = this.targets.keys();
    if (this.targets.size > MAX && oldest !== undefined) this.targets.delete(oldest);
    return target;
  }
}
