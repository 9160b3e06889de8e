import type { Clock } from "../clock.ts";
import type { Served } from "../contract/caller.ts";
import type { Context } from "../contract/context.ts";
import type { MethodContract } from "../contract/contract.ts";
import type { OnAsk } from "../contract/question.ts";
import type { Asker, Common } from "../policy/asker.ts";
import { creditsOf } from "../policy/credits.ts";
import { type Target, inOrder } from "../policy/target.ts";
import { canonicalKey } from "../cache/canonical.ts";
import type { SupervisorPolicy } from "./options.ts";
import type { SupervisorState } from "./state.ts";

/** A method of a supervisor. */
export interface Supervising {
  readonly policy: SupervisorPolicy;
  readonly clock: Clock;
  readonly method: string;
  /** `agent.method`, for messages. */
  readonly what: string;
  readonly contract: MethodContract;
}

/** Of the time that a request has, what is kept for the answer when every target has failed. */
const RESERVE = 0.05;
const MOST_MS = 100;
/** The same when another agent is to give it. */
const RESERVE_FOR_AGENT = 0.25;

/** A request that a supervisor has, as its targets are to get it. */
export class Live {
  readonly of: Supervising;
  readonly input: unknown;
  readonly ctx: Context<SupervisorState>;
  readonly asker: Asker;
  /** In the order in which they are asked for this one. */
  readonly targets: readonly Target[];
  private readonly endsAt: number;

  constructor(of: Supervising, input: unknown, ctx: Context<SupervisorState>) {
    this.of = of;
    this.input = input;
    this.ctx = ctx;
    this.targets = inOrder(ctx.state.targets);
    this.endsAt = of.clock.now() + ctx.request.remainingMs;
    this.asker = {
      unary: ({ agent }, options) => ctx.call(`${agent}.${of.method}`, input, options),
      stream: ({ agent }, options) => ctx.stream(`${agent}.${of.method}`, input, options),
    };
  }

  /** For the targets: time is left for what comes when they fail. */
  get forTargets(): Common {
    const leftMs = this.endsAt - this.of.clock.now();
    const hasAgent = this.of.policy.ladder.some(({ agent }) => agent !== undefined);
    return this.common(hasAgent ? leftMs * RESERVE_FOR_AGENT : Math.min(MOST_MS, leftMs * RESERVE));
  }

  /** For an agent that is asked when the targets have failed. */
  get forAnother(): Common {
    return this.common(Math.min(MOST_MS, (this.endsAt - this.of.clock.now()) * RESERVE));
  }

  /** Says who did the work, and whether it was done before. */
  credit(served: Served | undefined, answered: string): void {
    const { metadata } = this.ctx;
    Object.assign(metadata, creditsOf(served, answered, this.targets[0]?.agent ?? answered));
    const cache = served?.metadata.cache;
    if (cache) metadata.cache = cache;
  }

  /** For when there are no answers; the next best are not kept, lest they pass for real ones. */
  keep(values: readonly unknown[], served: Served | undefined): void {
    const { cache } = this.ctx.state;
    if (!cache || served?.degraded) return;
    const key = canonicalKey(this.of.method, this.input);
    if (key !== undefined) cache.keep(key, values, served?.metadata.cache?.ageMs);
  }

  /** What was kept for the same input: here, or where this method's answers are kept, whoever had made them. */
  keptFor(staleForMs: number): { values: readonly unknown[]; ageMs: number } | undefined {
    const { state, kept } = this.ctx;
    const key = state.cache && canonicalKey(this.of.method, this.input);
    const own = key === undefined ? undefined : state.cache?.find(key);
    if (own || !kept || kept.ageMs > staleForMs) return own;
    return { values: [kept.value], ageMs: kept.ageMs };
  }

  private common(reserveMs: number): Common {
    const { contract, method, what } = this.of;
    const { ctx } = this;
    const { signal, request } = ctx;
    const onAsk: OnAsk = (question, asking) =>
      ctx.ask(question, { timeout: asking.timeoutMs, signal: asking.signal });
    return {
      what,
      method,
      deadlineAt: this.endsAt - reserveMs,
      signal,
      isIdempotent: contract.idempotent ?? false,
      isResumable: contract.resumable ?? false,
      retries: request.retries,
      undegraded: request.undegraded,
      idempotencyKey: request.idempotencyKey,
      onAsk: request.askable ? onAsk : undefined,
    };
  }
}
