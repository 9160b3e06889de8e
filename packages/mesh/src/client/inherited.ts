import type { Job } from "../actor/job.ts";
import type { OnAsk } from "../contract/question.ts";
import type { TokenBudget } from "../contract/token-budget.ts";
import type { Priority } from "../protocol/priority.ts";
import type { Trace } from "../protocol/trace.ts";

/** What a call that is made while serving a request takes from it. */
export interface Inherited {
  readonly chain: readonly string[];
  readonly trace: Trace;
  /** By the client's clock. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
  /** Further attempts that the request's caller allows. */
  readonly retries: number | undefined;
  readonly undegraded: boolean;
  /** What is left to the request, and is told what its calls have used. */
  readonly tokens: TokenBudget;
  readonly priority: Priority;
  /** The session of a request that is passed on as it is. */
  readonly session: string | undefined;
  /** Asks the request's caller; undefined when that answers no questions. */
  readonly onAsk: OnAsk | undefined;
}

/** For calls that a job makes. */
export function inheritedFrom(job: Job): Inherited {
  return {
    chain: [...job.inbound.chain, job.actor.name],
    trace: job.trace,
    deadlineAt: job.expiresAt,
    signal: job.signal,
    retries: job.inbound.retries,
    undegraded: job.inbound.undegraded,
    tokens: job.tokens,
    priority: job.inbound.priority,
    // What is passed on is the same request.
    session: job.actor.agent.relays ? job.inbound.session : undefined,
    onAsk: job.inbound.isAskable ? (question, asking) => job.questions.ask(question, asking) : undefined,
  };
}
