import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import { Execution } from "../policy/execution.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Pass } from "./pass.ts";
import type { Stage } from "./stage.ts";

type Attempt = (signal: AbortSignal) => unknown;

/**
 * Runs what a stage does in this process, within its time and as often as it makes sense (P13). Its signal fires when the
 * time of an attempt is up, and it is not waited for any longer, whether it heeds that or not.
 */
export function attempted(stage: Stage, pass: Pass, attempt: Attempt): unknown {
  const { timeoutMs, attemptTimeoutMs, retry } = stage.policy;
  if (retry || attemptTimeoutMs !== undefined) return executed(stage, pass, attempt);
  if (timeoutMs === undefined) return attempt(pass.signal);
  return timed(pass.item.clock, timeoutMs, pass.signal, attempt);
}

async function executed(stage: Stage, pass: Pass, attempt: Attempt): Promise<unknown> {
  const { timeoutMs, attemptTimeoutMs, retry } = stage.policy;
  const { clock, ctx } = pass.item;
  const { retries, remainingMs } = ctx.request;
  const execution = new Execution<unknown>(
    clock,
    { retry: retry?.checked ?? ONCE, hedge: undefined, timeoutMs: attemptTimeoutMs },
    {
      what: pass.label(stage),
      method: undefined,
      deadlineAt: clock.now() + Math.min(timeoutMs ?? Infinity, remainingMs),
      signal: pass.signal,
      // Whoever asks for attempts at a function says so.
      isIdempotent: stage.policy.idempotent ?? true,
      isResumable: false,
      retries,
      attempt: (_target, how) => timed(clock, how.timeoutMs, how.signal, attempt),
    },
    [ctx.state.of(stage).target],
  );
  return (await execution.run()).value;
}

const ONCE = {
  attempts: 1,
  backoffMs: 0,
  factor: 2,
  maxBackoffMs: 0,
  jitter: "none",
  budget: 0,
} as const;

/** @throws MeshError `timeout` when it takes longer, and whatever the outer signal fires with */
async function timed(
  clock: Clock,
  ms: number,
  outer: AbortSignal | undefined,
  attempt: Attempt,
): Promise<unknown> {
  if (outer?.aborted) throw asMeshError(outer.reason);
  const ending = new AbortController();
  const end = (reason: MeshError): void => ending.abort(reason);
  const giveUp = (): void => end(asMeshError(outer?.reason));
  const stop = clock.after(ms, () => end(new MeshError("timeout", `no result within ${Math.round(ms)} ms.`)));
  outer?.addEventListener("abort", giveUp);
  try {
    return await Promise.race([ended(ending.signal), attempt(ending.signal)]);
  } finally {
    stop();
    outer?.removeEventListener("abort", giveUp);
  }
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as MeshError));
  });
}
