import { MeshError } from "../errors.ts";
import { signOf } from "../limit/overload.ts";
import { asMeshError } from "../protocol/failure.ts";
import { ask } from "./ask.ts";
import { attempted } from "./attempt.ts";
import { mapped } from "./map.ts";
import { parallel } from "./parallel.ts";
import type { Pass } from "./pass.ts";
import type { GateWork, Stage, StageWork } from "./stage.ts";
import { StageView } from "./stage-context.ts";
import { StageFailure } from "./stage-failure.ts";

/**
 * An item's way through a pipeline.
 *
 * P11: each stage gets what the one before gave; behind a gate that stops, or a stage that fails, none begins.
 * P12: of a stage no more items are at work than its concurrency; the others wait in order, and no item for another.
 * P13: a stage ends within its time, and is tried again only where that can help.
 * P14: an error has the code of the stage that failed, its name, and what was given before it, bounded in size.
 * P15: what is skipped, goes on without its stage, or gets the next best value is told so: nothing passes for what it is not.
 * P16: of many items each has one result, in order unless told otherwise; what is held is bounded, and nothing waits for all.
 */

/** @throws StageFailure */
export async function walkAll(stages: readonly Stage[], value: unknown, pass: Pass): Promise<unknown> {
  let at = value;
  // P11
  for (const stage of stages) at = await walk(stage, at, pass);
  return at;
}

/** One stage, and what is done when it fails. @throws StageFailure */
async function walk(stage: Stage, value: unknown, pass: Pass): Promise<unknown> {
  const { tell, ctx } = pass.item;
  try {
    const given = await inRoom(stage, value, pass);
    pass.complete(stage, given);
    return given;
  } catch (thrown) {
    const failure =
      thrown instanceof StageFailure
        ? thrown
        : new StageFailure(asMeshError(thrown), pass.label(stage), pass.completed);
    // Nobody waits for it any more, or it is to be left out already.
    if (pass.signal.aborted || failure.isSkip) throw failure;
    const { error } = failure;
    const { kind } = stage.policy.remedy;
    const next = ctx.request.undegraded && kind !== "skip" ? "stop" : kind;
    ctx.state.of(stage).hasFailed(error);
    tell?.({ event: "failed", stage: pass.label(stage), code: error.code, message: error.message, next });
    if (next === "stop") throw failure;
    ctx.state.tell("stage-failed", { stage: stage.path, code: error.code, next });
    return remedied(stage, value, pass, failure);
  }
}

/** P12: a stage's time begins when it has room. */
async function inRoom(stage: Stage, value: unknown, pass: Pass): Promise<unknown> {
  const { item, signal } = pass;
  const { clock, tell } = item;
  const state = item.ctx.state.of(stage);
  const entering = state.slots.enter(signal);
  if (entering) await entering;
  const startedAt = clock.now();
  let thrown: unknown;
  const span = item.ctx.span(`stage ${stage.path}`);
  try {
    tell?.({ event: "started", stage: pass.label(stage) });
    const given = await span.within(() => done(stage, value, pass));
    const tookMs = clock.now() - startedAt;
    state.succeeded(tookMs);
    tell?.({ event: "done", stage: pass.label(stage), tookMs: Math.round(tookMs) });
    return given;
  } catch (error) {
    thrown = error instanceof StageFailure ? error.error : error;
    throw error;
  } finally {
    span.end(thrown === undefined ? undefined : asMeshError(thrown));
    state.slots.leave(startedAt, thrown === undefined ? "ok" : signOf(thrown));
  }
}

async function done(stage: Stage, value: unknown, pass: Pass): Promise<unknown> {
  const { work, policy } = stage;
  const given =
    work.kind === "method"
      ? await ask(stage, work, value, pass)
      : await attempted(stage, pass, (signal) => run(stage, work, value, pass.until(signal)));
  if (!policy.output) return given;
  try {
    return await policy.output.check(given);
  } catch (error) {
    throw new MeshError("internal", `it gave what its output schema forbids: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

type LocalWork = Exclude<StageWork, { kind: "method" }>;

function run(stage: Stage, work: LocalWork, value: unknown, pass: Pass): unknown {
  switch (work.kind) {
    case "function":
      return work.run(value, viewOf(stage, pass));
    case "gate":
      return passGate(stage, work, value, pass);
    case "pipeline":
      return enter(work, value, pass);
    case "branch":
      return walk(chosen(work, value), value, pass.inside(pass.signal));
    case "parallel":
      return parallel(walk, work, value, pass);
    case "map":
      return mapped(walk, { stage, work }, value, pass);
  }
}

function viewOf(stage: Stage, pass: Pass): StageView {
  const { ctx, index } = pass.item;
  return new StageView(ctx, pass.signal, { stage: pass.label(stage), index });
}

/** P11 */
async function passGate(
  stage: Stage,
  { test, code }: GateWork,
  value: unknown,
  pass: Pass,
): Promise<unknown> {
  const verdict = await test(value, viewOf(stage, pass));
  if ("why" in verdict) throw new MeshError(code, verdict.why);
  return verdict.value;
}

async function enter(
  { name, input, stages }: Extract<StageWork, { kind: "pipeline" }>,
  value: unknown,
  pass: Pass,
): Promise<unknown> {
  let checked: unknown;
  try {
    checked = await input.check(value);
  } catch (error) {
    throw new MeshError("bad_request", `the input of "${name}" is not valid: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  return walkAll(stages, checked, pass.inside(pass.signal));
}

function chosen({ choose, arms, otherwise }: Extract<StageWork, { kind: "branch" }>, value: unknown): Stage {
  const name = choose(value);
  const arm = (typeof name === "string" ? arms.get(name) : undefined) ?? otherwise;
  if (arm) return arm;
  throw new MeshError(
    "bad_request",
    `there is no way for ${JSON.stringify(name) ?? "undefined"}: there is ${[...arms.keys()].join(", ")}.`,
  );
}

/** P15 */
async function remedied(stage: Stage, value: unknown, pass: Pass, failure: StageFailure): Promise<unknown> {
  const { remedy } = stage.policy;
  const { item } = pass;
  if (remedy.kind === "skip" || remedy.kind === "stop") throw failure.skipping();
  const reason = `stage "${failure.stage}" failed: ${failure.error.message}`;
  let given: unknown;
  if (remedy.kind === "fallback") {
    try {
      given = await walk(remedy.stage, value, pass.inside(pass.signal));
    } catch (second) {
      throw second instanceof StageFailure ? failure.with(second.error) : second;
    }
  } else given = remedy.kind === "answer" ? remedy.value : value;
  item.degraded ??= { by: remedy.kind, reason };
  pass.complete(stage, given);
  return given;
}
