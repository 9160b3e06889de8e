import { AnswerKeys } from "../cache/answer-keys.ts";
import { CacheStats } from "../cache/cache-stats.ts";
import { type Kept, KeptOutcomes, type Selection } from "../cache/kept.ts";
import { type Outcome, errorIn, failedOutcome, isOfItsTime, outcomeOf, valueIn } from "../cache/outcome.ts";
import { TermsOf } from "../cache/terms.ts";
import type { Obtained, Tier } from "../cache/tier.ts";
import type { CachePolicy } from "../contract/cache-options.ts";
import type { KeptAnswer } from "../contract/context.ts";
import type { MeshError } from "../errors.ts";
import type { CacheNote, ReplyMetadata } from "../protocol/metadata.ts";
import type { Actor } from "./actor.ts";
import { type Pending, checked } from "./checked.ts";
import { Flight, type Tower } from "./flight.ts";
import { Flights, isClearedIn } from "./flights.ts";
import { Job } from "./job.ts";
import type { Method } from "./method.ts";

/**
 * Answers of one method that are given again, and work that is done once for all who ask for it at the same time.
 *
 * K11: of equal requests that come while one of them is worked on, none is worked on itself: all get what that one gives.
 *      The work ends early only when nobody waits for it any more.
 * K12: what is given is never older than its time, by the monotonic clock.
 * K13: what is degraded is never kept, nor an error unless that was asked for, nor what was cleared while it was made.
 * K14: what is kept is bounded by count and by bytes, and what waits as the mailbox is.
 * K15: a request whose answer is here takes no slot, and waits for none.
 */
export class MethodCache implements Tower {
  readonly stats: CacheStats = new CacheStats();
  readonly kept: KeptOutcomes;
  readonly keys: AnswerKeys;
  readonly policy: CachePolicy;
  private readonly actor: Actor;
  private readonly method: Method;
  private readonly tier: Tier | undefined;
  private readonly flights = new Flights();
  private readonly terms: TermsOf;

  constructor(
    actor: Actor,
    method: Method,
    policy: CachePolicy,
    tier: Tier | undefined,
    random: () => number = Math.random,
  ) {
    this.actor = actor;
    this.method = method;
    this.policy = policy;
    this.tier = tier;
    this.kept = new KeptOutcomes(actor.clock, policy);
    this.keys = new AnswerKeys(method.target, policy);
    this.terms = new TermsOf(policy, {
      random,
      onFault: (error) =>
        actor.log.warn({ err: error, method: method.name }, "the tags of an answer could not be made"),
    });
  }

  /** As they are told to whoever looks at the replica. */
  get figures(): Readonly<Record<string, number>> {
    const { hits, stale, joined, misses, cleared } = this.stats;
    const { size, bytes, evicted } = this.kept;
    return { hits, stale, joined, misses, cleared, evicted, size, bytes };
  }

  now(): number {
    return this.actor.clock.now();
  }

  /** Answers a request, has it wait for work that is under way, or begins that work. */
  ask(job: Job): void {
    let checking: Pending;
    try {
      const { inputs, plainShape } = this.method;
      const input = job.inbound.input(plainShape);
      checking = inputs
        ? checked(inputs.check(input), (value) => this.look(job, value))
        : this.look(job, input);
    } catch (error) {
      return job.refuse(error);
    }
    if (checking === undefined) return;
    checking.catch((error: unknown) => job.refuse(error));
    this.actor.awaits(job);
  }

  /** Forgets answers, and keeps none of those that are being made. @returns how many there were */
  clear(selection: Selection): number {
    this.flights.clear(selection);
    const count = this.kept.clear(selection);
    this.stats.cleared += count;
    return count;
  }

  // What becomes of flights.

  keptOf({ key }: Flight): KeptAnswer | undefined {
    const kept = this.kept.last(key);
    return kept && !kept.outcome.isFailure ? { value: valueIn(kept.outcome), ageMs: kept.ageMs } : undefined;
  }

  landed(flight: Flight, value: unknown, metadata: ReplyMetadata | undefined): void {
    const outcome = outcomeOf(value, metadata, this.terms.answer(flight.value, value, metadata));
    const { ageMs } = metadata?.cache ?? {};
    this.settle(flight, outcome, ageMs);
    let result: Result = "miss";
    for (const job of flight.waiters) {
      this.count(result);
      // Inside one process values are passed as they are: each gets its own.
      const given = result === "miss" || !job.inbound.isLocal || !outcome ? value : valueIn(outcome);
      job.give(given, { ...metadata, cache: { result, ...(ageMs === undefined ? {} : { ageMs }) } });
      result = "joined";
    }
  }

  crashed(flight: Flight, error: MeshError, hasBegun: boolean): void {
    const isOwn = hasBegun && !isOfItsTime(error);
    const outcome = isOwn ? failedOutcome(error, this.terms.error(error)) : undefined;
    this.settle(flight, outcome);
    let result: Result = "miss";
    for (const job of flight.waiters) {
      this.count(result);
      job.fail(error, hasBegun);
      result = "joined";
    }
  }

  left(flight: Flight, lead: Job): void {
    this.flights.remove(flight);
    flight.claim?.release();
    this.actor.forget(lead);
  }

  private look(job: Job, input: unknown): undefined {
    if (job.ended) return undefined;
    const key = this.keys.of(input);
    // Work that this very agent waits for must not wait for it.
    const isWithin = job.inbound.chain.includes(this.actor.name);
    if (key === undefined || isWithin) return this.actor.place(job);
    const kept = this.kept.find(key);
    if (kept) {
      if (!kept.isFresh) this.refresh(key, input, job);
      return this.repeat(job, kept, kept.isFresh ? "hit" : "stale");
    }
    if (!this.actor.awaits(job)) return undefined;
    const flight = this.flights.find(key, job.inbound.undegraded);
    if (flight) flight.join(job);
    else this.begin(new Flight(this, key, input, job, 0), [job]);
    return undefined;
  }

  /** A new answer for one that has been given although it was not fresh. */
  private refresh(key: string, input: unknown, job: Job): void {
    if (this.flights.find(key, job.inbound.undegraded)) return;
    this.begin(new Flight(this, key, input, job, this.method.timeoutMs), []);
  }

  private begin(flight: Flight, waiters: readonly Job[]): void {
    this.flights.add(flight);
    for (const job of waiters) flight.join(job);
    this.seek(flight);
  }

  private seek(flight: Flight): void {
    if (!this.tier) return this.start(flight);
    void this.tier.obtain(flight.key, flight).then((obtained) => this.obtained(flight, obtained));
  }

  /** What the pool had. */
  private obtained(flight: Flight, obtained: Obtained): void {
    flight.onChanged = undefined;
    if (obtained === "alone") return this.start(flight);
    if (obtained === "abandoned") return flight.remainingMs > 0 ? this.seek(flight) : this.end(flight);
    if ("claim" in obtained) {
      flight.claim = obtained.claim;
      // What begins now knows of what was cleared before.
      flight.isCleared = false;
      flight.clearedTags.clear();
      return this.start(flight);
    }
    const { outcome, ageMs, wasAwaited } = obtained;
    this.end(flight);
    const isFresh = ageMs < outcome.ttlMs;
    if (!isClearedIn(flight, outcome)) this.kept.keep(flight.key, outcome, ageMs);
    const [first] = flight.waiters;
    if (first && !isFresh && !wasAwaited) this.refresh(flight.key, flight.value, first);
    const result = wasAwaited ? "joined" : isFresh ? "hit" : "stale";
    for (const job of flight.waiters) this.repeat(job, { outcome, ageMs }, result);
  }

  private start(flight: Flight): void {
    // Those that waited may have left meanwhile.
    if (flight.remainingMs <= 0) {
      flight.claim?.release();
      return this.end(flight);
    }
    const job = new Job(this.actor, this.method, flight);
    job.isForOthers = true;
    flight.job = job;
    this.actor.place(job);
  }

  /** Gives what was made before. */
  private repeat(job: Job, { outcome, ageMs }: Omit<Kept, "isFresh">, result: Result): undefined {
    this.count(result);
    const age = result === "joined" && ageMs === 0 ? {} : { ageMs: Math.round(ageMs) };
    if (outcome.isFailure) job.fail(errorIn(outcome), true);
    else job.give(valueIn(outcome), { ...outcome.metadata, cache: { result, ...age } });
  }

  /** It needs no work. */
  private end(flight: Flight): void {
    flight.isOver = true;
    this.flights.remove(flight);
  }

  private count(result: Result): void {
    const { stats } = this;
    if (result === "hit") stats.hits++;
    else if (result === "stale") stats.stale++;
    else if (result === "joined") stats.joined++;
    else stats.misses++;
  }

  /** A flight has an outcome: those that wait elsewhere get it, and it is kept where it may be. */
  private settle(flight: Flight, outcome: Outcome | undefined, ageMs = 0): void {
    this.flights.remove(flight);
    if (!outcome) return flight.claim?.release();
    const isKept = outcome.ttlMs > 0 && !isClearedIn(flight, outcome);
    if (isKept) this.kept.keep(flight.key, outcome, ageMs);
    flight.claim?.settle(outcome, ageMs, isKept);
  }
}

type Result = CacheNote["result"];
