import type { CallOptions } from "../contract/caller.ts";
import { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Pass } from "./pass.ts";
import type { MethodWork, Stage } from "./stage.ts";

/**
 * Calls an agent's method, as part of the request that the pipeline serves: with its deadline, trace, priority and chain.
 * @throws MeshError `timeout` when the stage's time is up
 */
export async function ask(stage: Stage, work: MethodWork, value: unknown, pass: Pass): Promise<unknown> {
  const { item } = pass;
  const { ctx } = item;
  const target = work.method === undefined ? work.agent : `${work.agent}.${work.method}`;
  const input = work.take ? work.take(value) : value;
  const timeoutMs = stage.policy.timeoutMs ?? work.timeoutMs;
  const options = optionsOf(stage, work, pass);
  let answer: unknown;
  try {
    answer = work.isStream
      ? await ctx.stream(target, input, options).collect()
      : await ctx.call(target, input, options);
  } catch (thrown) {
    const error = asMeshError(thrown);
    // The request has time left: it is the stage's that is up.
    if (error.code !== "deadline_exceeded" || timeoutMs === undefined || ctx.request.remainingMs <= 0)
      throw error;
    const { agent, method, attempt, replica, hasBegun, details } = error;
    throw new MeshError("timeout", `${target} gave no answer within ${Math.round(timeoutMs)} ms.`, {
      agent,
      method,
      attempt,
      replica,
      hasBegun,
      details,
      cause: error,
    });
  }
  return work.give ? work.give(answer, value) : answer;
}

function optionsOf(stage: Stage, work: MethodWork, pass: Pass): CallOptions {
  const { timeoutMs = work.timeoutMs, attemptTimeoutMs, retry, idempotent } = stage.policy;
  const { item, signal } = pass;
  const { ctx } = item;
  const { idempotencyKey, id } = ctx.request;
  const mayRepeat = idempotent ?? work.isIdempotent;
  return {
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(attemptTimeoutMs === undefined ? {} : { attemptTimeout: attemptTimeoutMs }),
    ...(retry ? { retry: retry.given } : {}),
    ...(mayRepeat === undefined ? {} : { idempotent: mayRepeat }),
    ...(signal === ctx.signal ? {} : { signal }),
    // Whoever asks again under the same key does not have the work of a stage done twice.
    ...(idempotencyKey === id ? {} : { idempotencyKey: `${idempotencyKey} ${keyOf(stage, pass)}` }),
    onServed: ({ degraded }) => {
      item.degraded ??= degraded;
    },
  };
}

function keyOf(stage: Stage, pass: Pass): string {
  const { index } = pass.item;
  return index === undefined ? pass.label(stage) : `${index} ${pass.label(stage)}`;
}
