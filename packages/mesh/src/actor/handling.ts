import { type Pending, checked } from "./checked.ts";
import { JobContext } from "./job-context.ts";
import type { Job } from "./job.ts";
import { pump } from "./pump.ts";
import { notResumable } from "./refusals.ts";

/**
 * From what came to the handler, and from what that returns to the answer; without a promise where none is needed.
 * @returns settles when the handler has really returned
 */
export function handle(job: Job): Pending {
  if (job.checkedInput) return invoke(job, job.checkedInput.value);
  const { inputs, plainShape } = job.method;
  const input = job.inbound.input(plainShape);
  if (!inputs || job.isForOthers) return invoke(job, input);
  return checked(inputs.check(input), (value) => invoke(job, value));
}

function invoke(job: Job, input: unknown): Pending {
  const { method, inbound, actor } = job;
  // J2: it may have ended while its input was checked, or its time is up now.
  if (!job.ended && job.remainingMs <= 0) job.expire();
  if (job.ended) return undefined;
  if (method.isStream) {
    if (inbound.from > 0 && !method.contract.resumable) throw notResumable(method.target);
    // First of all: a caller that cannot take a stream must not cause any work.
    const sink = inbound.openStream(job);
    job.hasBegun = true;
    return inPlace(job, () => pump(call(job, input), sink, job));
  }
  job.hasBegun = true;
  const value = actor.around || job.span ? inPlace(job, () => call(job, input)) : call(job, input);
  return checked(value, (result) => reply(job, result));
}

function call(job: Job, input: unknown): unknown {
  return job.method.invoke(input, new JobContext(job));
}

function inPlace<T>({ actor, method, inbound, span }: Job, run: () => T): T {
  const { name: agent, replica, around } = actor;
  // TR2
  const traced = span ? (): T => span.within(run) : run;
  return around
    ? around(() => ({ agent, replica, method: method.name, request: inbound.id }), traced)
    : traced();
}

function reply(job: Job, value: unknown): Pending {
  if (job.ended) return undefined;
  const { outputs } = job.method;
  if (!outputs) return send(job, value);
  let valid: unknown;
  try {
    valid = outputs.check(value);
  } catch (error) {
    throw job.explainOutput(error);
  }
  if (!(valid instanceof Promise)) return send(job, valid);
  return valid.then(
    (result) => send(job, result),
    (error: unknown) => {
      throw job.explainOutput(error);
    },
  );
}

function send(job: Job, value: unknown): Pending {
  // J1
  if (job.ended) return undefined;
  if (job.turn) job.inbound.sendable?.(value);
  // SE2
  const storing = job.turn?.store();
  return storing ? storing.then(() => deliver(job, value)) : deliver(job, value);
}

function deliver(job: Job, value: unknown): Pending {
  if (job.ended) return undefined;
  const sending = job.inbound.result(value, job);
  if (sending) return sending.then(() => job.succeed());
  job.succeed();
  return undefined;
}
