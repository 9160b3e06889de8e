import type { Served } from "../contract/caller.ts";
import type { Trace } from "../protocol/trace.ts";

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
  readonly isIdempotent: boolean;
  readonly chain: readonly string[] | undefined;
  readonly trace: Trace | undefined;
  /** The input is text as somebody typed it. */
  readonly typed: boolean;
  readonly onServed: ((served: Served) => void) | undefined;
  /** Set for streams that want another window than the default. */
  readonly window: number | undefined;
}

export function targetOf({ agent, method }: Pick<Request, "agent" | "method">): string {
  return method === undefined ? agent : `${agent}.${method}`;
}

/** Tells the caller who answered. What its listener throws is its own affair: the answer arrives all the same. */
export function tellServed({ onServed }: Request, replica: string | undefined): void {
  if (!onServed) return;
  try {
    onServed({ replica });
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
