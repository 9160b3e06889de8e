import type { Served } from "../contract/caller.ts";
import type { OnAsk } from "../contract/question.ts";
import type { TokenBudget } from "../contract/token-budget.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import type { Priority } from "../protocol/priority.ts";
import type { Trace } from "../protocol/trace.ts";
import type { CallSpan } from "../tracing/call-span.ts";

/** One attempt to have a method run, before it has a number. */
export interface Request {
  readonly agent: string;
  /** Undefined for the agent's default method. */
  readonly method: string | undefined;
  readonly subject: string;
  /** It goes to one replica alone, whose subject does not name the method. */
  readonly isDirect: boolean;
  readonly input: unknown;
  /** By the client's clock. */
  readonly deadlineAt: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly idempotencyKey: string | undefined;
  /** It is sent again when nobody knows what became of it. */
  readonly mayRepeat: boolean;
  readonly chain: readonly string[] | undefined;
  /** Of its first attempt. */
  readonly trace: Trace | undefined;
  /** The call as its caller sees it; undefined where nobody records spans. */
  readonly span: CallSpan | undefined;
  /** The input is text as somebody typed it. */
  readonly typed: boolean;
  readonly onServed: ((served: Served) => void) | undefined;
  /** Set for streams that want another window than the default. */
  readonly window: number | undefined;
  /** A stream that can be taken up where it broke off. */
  readonly isResumable: boolean;
  /** Chunks of the stream that the caller has already. */
  readonly from: number;
  readonly avoid: readonly string[] | undefined;
  readonly retries: number | undefined;
  readonly undegraded: boolean;
  /** Tokens of language models that it may use. */
  readonly tokens: number | undefined;
  /** Of the request for which it is made: told what the answer has used. */
  readonly budget: TokenBudget | undefined;
  readonly priority: Priority;
  /** The session that it belongs to, where its agent does not name it itself. */
  readonly session: string | undefined;
  /** Answers what those ask who work on it; undefined when nobody does. */
  readonly onAsk: OnAsk | undefined;
  /** Told who holds the request, when that is not known by its answer. */
  readonly onHeld: ((replica: string) => void) | undefined;
}

export function targetOf({ agent, method }: Pick<Request, "agent" | "method">): string {
  return method === undefined ? agent : `${agent}.${method}`;
}

/** An answer as it came. */
interface Given {
  /** Whoever sent it; by the metadata it may be another's work. */
  readonly replica: string | undefined;
  readonly attempt: number;
  readonly metadata: ReplyMetadata | undefined;
  readonly id: string;
}

/** Tells the caller who answered. What its listener throws is its own affair: the answer arrives all the same. */
export function tellServed(
  { onServed, agent, budget }: Pick<Request, "onServed" | "agent"> & Partial<Pick<Request, "budget">>,
  { replica, attempt, metadata = {}, id }: Given,
): void {
  // LM11
  budget?.spend(metadata.tokens ?? 0);
  if (!onServed) return;
  try {
    const { servedBy, degraded } = metadata;
    onServed({
      agent: servedBy?.agent ?? agent,
      replica: servedBy ? servedBy.replica : replica,
      request: id,
      attempt,
      degraded,
      metadata,
    });
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
