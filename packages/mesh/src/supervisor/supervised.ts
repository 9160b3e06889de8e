import type { Context } from "../contract/context.ts";
import type { MeshError } from "../errors.ts";
import { type Common, streamWork, unaryWork } from "../policy/asker.ts";
import { Execution } from "../policy/execution.ts";
import { keptStream } from "../policy/kept-stream.ts";
import type { Work } from "../policy/work.ts";
import { asMeshError } from "../protocol/failure.ts";
import { nextBest } from "./ladder.ts";
import { Live, type Supervising } from "./live.ts";
import { Recording } from "./stale-cache.ts";
import type { SupervisorState } from "./state.ts";

/** A request for one value. @throws MeshError that tells of every attempt */
export async function supervisedValue(
  of: Supervising,
  input: unknown,
  ctx: Context<SupervisorState>,
): Promise<unknown> {
  ctx.state.admit(ctx.request.agent);
  const live = new Live(of, input, ctx);
  try {
    const asking = execution(live, (common) => unaryWork(live.asker, common)).run();
    const { value: answer, target } = await asking;
    live.credit(answer.served, target.agent);
    live.keep([answer.value], answer.served);
    return answer.value;
  } catch (thrown) {
    for await (const value of await nextBest(live, asMeshError(thrown))) return value;
    return undefined;
  }
}

/** A request for a stream. @throws MeshError that tells of every attempt, and of what was delivered */
export async function* supervisedChunks(
  of: Supervising,
  input: unknown,
  ctx: Context<SupervisorState>,
): AsyncGenerator<unknown> {
  ctx.state.admit(ctx.request.agent);
  const live = new Live(of, input, ctx);
  const { what, clock } = of;
  const { from } = ctx.request;
  const recording = ctx.state.cache && from === 0 ? new Recording() : undefined;
  let hasDelivered = from > 0;
  const onChunk = (chunk: unknown): void => {
    hasDelivered = true;
    recording?.add(chunk);
  };
  let failure: MeshError;
  try {
    const asking = execution(live, (common) => streamWork(live.asker, common, clock));
    const { value, target } = yield* keptStream(asking, asking.run(from), { what, from, onChunk });
    const served = value.served();
    live.credit(served, target.agent);
    if (recording?.values) live.keep(recording.values, served);
    return;
  } catch (thrown) {
    failure = asMeshError(thrown);
  }
  // Two answers are never mixed.
  if (hasDelivered) {
    ctx.state.count(failure);
    throw failure;
  }
  yield* await nextBest(live, failure);
}

function execution<T>(live: Live, workOf: (common: Common) => Work<T>): Execution<T> {
  const { clock, policy } = live.of;
  const { state } = live.ctx;
  return new Execution(
    clock,
    policy.execution,
    workOf(live.forTargets),
    live.targets,
    ({ kind, ...fields }) => {
      if (kind === "fallback") state.fallbacks++;
      state.tell(kind, fields);
    },
  );
}
