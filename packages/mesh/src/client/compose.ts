import type { AttemptOptions } from "../contract/caller.ts";
import { checkSessionId } from "../contract/session-options.ts";
import type { TokenBudget } from "../contract/token-budget.ts";
import { type Duration, toMs } from "../duration.ts";
import { MeshError, located } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import { type Priority, priorityOf } from "../protocol/priority.ts";
import type { CallTracing } from "../tracing/call-tracing.ts";
import type { Callee } from "./callee.ts";
import type { CallsParts } from "./calls.ts";
import { eitherSignal } from "./either-signal.ts";
import type { Host } from "./host.ts";
import type { Inherited } from "./inherited.ts";
import { type Request, targetOf } from "./request.ts";

export interface ComposerParts extends Pick<CallsParts, "clock" | "subjects" | "failover"> {
  /** Undefined where nobody records spans. */
  readonly tracing?: CallTracing | undefined;
  readonly host?: Host | undefined;
}

/**
 * Makes a request of a call: of what its caller says, and of the request in whose service it is made. Its span begins here.
 * @throws MeshError `bad_request` for options that are wrong, `budget_exhausted` when no tokens are left
 */
export function compose(
  parts: ComposerParts,
  callee: Callee,
  input: unknown,
  options: AttemptOptions | undefined,
  inherited: Inherited | undefined,
): Request {
  const { clock, subjects, host, failover, tracing } = parts;
  const { agent, method, timeoutMs } = callee;
  const now = clock.now();
  let deadlineAt = now + (options?.timeout === undefined ? timeoutMs : timeoutOf(options.timeout, callee));
  const session = options?.session ?? inherited?.session;
  let signal = options?.signal;
  if (inherited) {
    deadlineAt = Math.min(deadlineAt, inherited.deadlineAt);
    signal = eitherSignal(signal, inherited.signal);
  }
  const priority =
    options?.priority === undefined
      ? (inherited?.priority ?? "normal")
      : checkedPriority(options.priority, callee);
  const tokens = tokensFor(callee, options?.tokens, inherited?.tokens);
  const sessionId = session === undefined ? undefined : checked(() => checkSessionId(session), callee);
  // From here on nothing throws: the span has an end.
  const span = tracing?.begin(
    { agent, target: targetOf(callee), trial: options?.trial },
    options?.trace,
    inherited?.trace,
  );
  const replica = host?.leaving(agent);
  const shared = method === undefined ? subjects.agent(agent) : subjects.method(agent, method);
  return {
    agent,
    method,
    subject: replica === undefined ? shared : subjects.at(replica),
    isDirect: replica !== undefined,
    input,
    deadlineAt,
    timeoutMs: deadlineAt - now,
    signal,
    idempotencyKey: options?.idempotencyKey,
    mayRepeat: failover && (options?.idempotent ?? callee.isIdempotent ?? false),
    chain: inherited?.chain,
    trace: span?.trace ?? options?.trace ?? inherited?.trace,
    span,
    typed: options?.typed ?? false,
    onServed: options?.onServed,
    onAsk: options?.onAsk ?? inherited?.onAsk,
    window: options?.window,
    isResumable: callee.isResumable ?? options?.isResumable ?? false,
    from: options?.from ?? 0,
    avoid: options?.avoid,
    retries: leastOf(options?.retries, inherited?.retries),
    priority,
    undegraded: options?.degraded === "never" || (inherited?.undegraded ?? false),
    tokens,
    budget: inherited?.tokens,
    onHeld: options?.onHeld,
    session: sessionId,
  };
}

/** In milliseconds. @throws MeshError `bad_request` that names the call */
export function timeoutOf(timeout: Duration, callee: Callee): number {
  return checked(() => toMs(timeout, "timeout"), callee);
}

/** @throws MeshError `bad_request` that names the call */
function checkedPriority(priority: string, callee: Callee): Priority {
  return checked(() => priorityOf(priority, "priority"), callee);
}

function checked<T>(check: () => T, { agent, method }: Callee): T {
  try {
    return check();
  } catch (error) {
    throw located(asMeshError(error), { agent, method, attempt: 1 });
  }
}

/** LM11. @throws MeshError `budget_exhausted` when none are left, `bad_request` for what is no number of them */
function tokensFor(
  { agent, method }: Callee,
  asked: number | undefined,
  budget: TokenBudget | undefined,
): number | undefined {
  if (asked !== undefined && !(Number.isInteger(asked) && asked > 0))
    throw new MeshError("bad_request", `tokens is ${asked}; it must be a whole number from 1.`, {
      agent,
      method,
    });
  const left = Math.floor(Math.min(asked ?? Infinity, budget?.left ?? Infinity));
  if (left >= 1) return left === Infinity ? undefined : left;
  const target = targetOf({ agent, method });
  throw new MeshError("budget_exhausted", `the request has no tokens left for a call of ${target}.`, {
    agent,
    method,
  });
}

function leastOf(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
