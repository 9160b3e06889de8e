import type { Context } from "../contract/context.ts";
import type { MeshError } from "../errors.ts";
import { type Common, type Opened, streamWork, unaryWork } from "../policy/asker.ts";
import { creditsOf } from "../policy/credits.ts";
import { Execution, type Succeeded } from "../policy/execution.ts";
import type { Served } from "../contract/caller.ts";
import { keptStream } from "../policy/kept-stream.ts";
import { inOrder } from "../policy/target.ts";
import type { Work } from "../policy/work.ts";
import { asMeshError } from "../protocol/failure.ts";
import { canonicalKey } from "./canonical.ts";
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
    const { value, target } = await ask(live, (common) => unaryWork(live.asker, common));
    credit(live, value.served, target.agent);
    if (!value.served?.degraded) ctx.state.cache?.keep(canonicalKey(of.method, input), [value.value]);
    return value.value;
  } catch (thrown) {
    const chunks = await nextBest(live, canonicalKey(of.method, input), asMeshError(thrown));
    for await (const value of chunks) return value;
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
  const { from } = ctx.request;
  const key = canonicalKey(of.method, input);
  const recording = ctx.state.cache && from === 0 ? new Recording() : undefined;
  let hasDelivered = from > 0;
  let failure: MeshError;
  try {
    const { value, target } = yield* keptStream((at) => open(live, at), {
      what: of.what,
      from,
      isResumable: of.contract.resumable ?? false,
      onChunk: (chunk) => {
        hasDelivered = true;
        recording?.add(chunk);
      },
    });
    const served = value.served();
    credit(live, served, target.agent);
    if (recording?.values && !served?.degraded) ctx.state.cache?.keep(key, recording.values);
    return;
  } catch (thrown) {
    failure = asMeshError(thrown);
  }
  // Two answers are never mixed.
  if (hasDelivered) {
    ctx.state.failed++;
    throw failure;
  }
  yield* await nextBest(live, key, failure);
}

function open(live: Live, from: number): Promise<Succeeded<Opened>> {
  return ask(live, (common) => streamWork(live.asker, common, from, live.of.clock));
}

function ask<T>(live: Live, workOf: (common: Common) => Work<T>): Promise<Succeeded<T>> {
  const { clock, policy } = live.of;
  const { state } = live.ctx;
  return new Execution(clock, policy.execution, workOf(live.forTargets), ({ kind, ...fields }) => {
    state.tell(kind, fields);
  }).run(inOrder(state.targets));
}

function credit({ of, ctx }: Live, served: Served | undefined, answered: string): void {
  Object.assign(ctx.metadata, creditsOf(served, answered, of.policy.targets[0]?.agent ?? answered));
}
