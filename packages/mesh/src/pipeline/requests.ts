import { batchBy } from "../batch/batch.ts";
import type { Settled } from "../batch/options.ts";
import type { Clock } from "../clock.ts";
import type { Context } from "../contract/context.ts";
import { Invalid, type Validator } from "../contract/validator.ts";
import type { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import { EventQueue, type Watched } from "./events.ts";
import type { ItemResult, Many } from "./methods.ts";
import { type Item, Pass, type Tell } from "./pass.ts";
import { INPUT } from "./parts.ts";
import type { Stage } from "./stage.ts";
import { StageFailure, errorOf } from "./stage-failure.ts";
import type { PipelineState } from "./state.ts";
import { walkAll } from "./walk.ts";

/** A pipeline, checked: what its requests run. */
export interface Plan {
  readonly stages: readonly Stage[];
  /** Checks the items of `each`, one by one. */
  readonly input: Validator;
  /** Items of one `each` under way at once. */
  readonly items: number;
  readonly isIdempotent: boolean;
  readonly clock: Clock;
}

type Ctx = Context<PipelineState>;

const NOTHING: ReadonlyMap<string, unknown> = new Map();

/** One item. @throws MeshError with the code of the failing stage; `details` is a `PipelineFailure` */
export async function runOne(plan: Plan, input: unknown, ctx: Ctx, tell?: Tell): Promise<unknown> {
  const item: Item = { ctx, clock: plan.clock, tell, index: undefined, degraded: undefined };
  try {
    const value = await walkAll(plan.stages, input, new Pass(item, ctx.signal));
    if (item.degraded) ctx.metadata.degraded = item.degraded;
    return value;
  } catch (thrown) {
    throw failureOf(plan, ctx, thrown);
  }
}

/** One item, and what happens to it on the way. */
export async function* watchOne(plan: Plan, input: unknown, ctx: Ctx): AsyncGenerator<Watched<unknown>> {
  const events = new EventQueue();
  const running = runOne(plan, input, ctx, events.tell);
  running.then(events.end, events.end);
  yield* events;
  yield { event: "result", value: await running };
}

/** P16: many items, each on its own: no faster than the caller takes the results, and no more at once than the window. */
export async function* runEach(
  plan: Plan,
  { items, ordered = true }: Many<unknown>,
  ctx: Ctx,
): AsyncGenerator<ItemResult<unknown>> {
  const { clock, items: concurrency } = plan;
  const options = { concurrency, ordered, signal: ctx.signal };
  const results = batchBy(clock, items, options, async (given, { index }) => {
    // A reader that leaves ends the request, and with it the stages.
    const item: Item = { ctx, clock, tell: undefined, index, degraded: undefined };
    const value = await walkAll(plan.stages, await checked(plan, given, ctx), new Pass(item, ctx.signal));
    return { value, degraded: item.degraded };
  });
  for await (const result of results) yield resultOf(plan, ctx, result);
}

type Made = Pick<Extract<ItemResult<unknown>, { status: "fulfilled" }>, "value" | "degraded">;

function resultOf(plan: Plan, ctx: Ctx, settled: Settled<unknown, Made>): ItemResult<unknown> {
  const { index, status } = settled;
  if (status === "fulfilled") {
    const { value, degraded } = settled.value;
    return degraded ? { index, status, value, degraded } : { index, status, value };
  }
  const isSkip = settled.reason instanceof StageFailure && settled.reason.isSkip;
  const { code, message, retryable, details } = failureOf(plan, ctx, settled.reason, index);
  const error = { code, message, retryable, details: details as never };
  return { index, status: isSkip ? "skipped" : "rejected", error };
}

async function checked({ input }: Plan, given: unknown, { request }: Ctx): Promise<unknown> {
  try {
    return await input.check(given);
  } catch (thrown) {
    const error = thrown instanceof Invalid ? thrown.asInputError(request.agent) : asMeshError(thrown);
    throw new StageFailure(error, INPUT, NOTHING);
  }
}

function failureOf({ isIdempotent }: Plan, { request }: Ctx, thrown: unknown, index?: number): MeshError {
  if (!(thrown instanceof StageFailure)) return asMeshError(thrown);
  // It may be served under another name than it was made with.
  return errorOf(thrown, { pipeline: request.agent, index, isIdempotent });
}
