import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import type { Agent } from "../contract/agent.ts";
import { type RateLimit, burstOf } from "../contract/rate-limit.ts";
import type { MeshError } from "../errors.ts";
import { TokenBucket } from "../token-bucket.ts";
import type { Inbound } from "./inbound.ts";
import { tooOften } from "./refusals.ts";

/**
 * How often an actor may be asked, by all and by each.
 *
 * I1: no more requests come through than `burst` and `perSecond` allow, and who is refused is told when the next one does.
 * I2: a refused request takes nothing from what others may ask.
 * I3: so many callers are known, and no more: who has not asked for the longest time is forgotten, and begins anew.
 */

const KNOWN_CALLERS = 10_000;

export class RateLimits {
  private readonly agent: string;
  private readonly clock: Clock;
  private readonly all: Limit | undefined;
  private readonly each: RateLimit | undefined;
  private readonly callers: LRUCache<string, TokenBucket>;

  /** Undefined when there are no limits, and nothing is to be done. */
  static of({ contract, rateLimit, callerRateLimit }: Agent, clock: Clock): RateLimits | undefined {
    if (!rateLimit && !callerRateLimit) return undefined;
    return new RateLimits(contract.name, clock, rateLimit, callerRateLimit);
  }

  private constructor(agent: string, clock: Clock, all: RateLimit | undefined, each: RateLimit | undefined) {
    this.agent = agent;
    this.clock = clock;
    this.all = all && { ...all, bucket: bucketOf(all, clock) };
    this.each = each;
    this.callers = new LRUCache({ max: KNOWN_CALLERS });
  }

  /** Why a request is not taken; undefined, and counted, when it is. */
  refusalOf(inbound: Pick<Inbound, "sender">): MeshError | undefined {
    const { all, each, agent } = this;
    const caller = each && this.bucketOf(inbound.sender, each);
    const callerMs = caller?.waitMs ?? 0;
    const allMs = all?.bucket.waitMs ?? 0;
    // I1
    if (each && callerMs > 0 && callerMs >= allMs) return tooOften(agent, each.perSecond, callerMs, true);
    if (all && allMs > 0) return tooOften(agent, all.perSecond, allMs, false);
    // I2: only now.
    caller?.take();
    all?.bucket.take();
    return undefined;
  }

  private bucketOf(sender: string, each: RateLimit): TokenBucket {
    let bucket = this.callers.get(sender);
    // I3
    if (!bucket) this.callers.set(sender, (bucket = bucketOf(each, this.clock)));
    return bucket;
  }
}

interface Limit extends RateLimit {
  readonly bucket: TokenBucket;
}

function bucketOf(limit: RateLimit, clock: Clock): TokenBucket {
  return new TokenBucket(clock, burstOf(limit), limit.perSecond / 1_000);
}
