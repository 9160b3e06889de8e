import type { z } from "zod";
import { systemClock } from "../clock.ts";
import { type Agent, implement } from "../contract/agent.ts";
import { type Context } from "../contract/context.ts";
import type { Contract, MethodContracts } from "../contract/contract.ts";
import { Validator } from "../contract/validator.ts";
import { MeshError } from "../errors.ts";
import { whole } from "../policy/options.ts";
import { type Many, type PipelineMethods, methodsOf } from "./methods.ts";
import type { PipelineOptions } from "./options.ts";
import type { Parts } from "./parts.ts";
import { type Plan, runEach, runOne, watchOne } from "./requests.ts";
import { type Stage, allOf } from "./stage.ts";
import { asked, outline } from "./stage-text.ts";
import { PipelineState } from "./state.ts";
import { PARTS, type PipelineStep } from "./step.ts";

/**
 * An agent made of stages: `run` for one item, `each` for many, `watch` for one and what happens to it. It is served,
 * called, supervised and pooled like any other, and may be a stage of another pipeline.
 */
export interface Pipeline<I extends z.ZodType = z.ZodType, O = unknown>
  extends Agent<PipelineMethods<I, O>>, PipelineStep<z.input<I>, O> {
  readonly [PARTS]: Parts;
}

type Ctx = Context<PipelineState>;

const DEFAULT_ITEMS = 16;
const DEFAULT_RUNNING = 100;
const DEFAULT_QUEUED = 1_000;

/**
 * Makes the agent of a pipeline's parts.
 * @param output of its last stage; undefined when nobody knows it
 * @throws MeshError `bad_request` naming what is wrong
 */
export function agentOf<I extends z.ZodType, O>(
  options: PipelineOptions<I>,
  parts: Parts,
  output: z.ZodType | undefined,
): Pipeline<I, O> {
  const { name, version = "1.0.0", description, input, timeout, clock = systemClock } = options;
  const { items = DEFAULT_ITEMS, concurrency = DEFAULT_RUNNING, mailbox = DEFAULT_QUEUED } = options;
  if (parts.parts.length === 0)
    throw new MeshError("bad_request", `pipeline "${name}" has no stages: give it at least one.`);
  whole(`pipeline "${name}": items`, items, 1);
  const stages = parts.parts.map((part) => part(""));
  const isIdempotent = options.idempotent ?? mayBeRepeated(stages);
  const plan: Plan = { stages, input: new Validator(input), items, isIdempotent, clock };
  const contract: Contract = {
    name,
    version,
    ...(description === undefined ? {} : { description }),
    defaultMethod: "run",
    methods: methodsOf({ input, output, timeout, isIdempotent }),
  };
  const agent = implement<MethodContracts, PipelineState>(contract, {
    concurrency,
    mailbox,
    ...(options.rateLimit ? { rateLimit: options.rateLimit } : {}),
    state: () => new PipelineState(stages, clock),
    onStart: ({ state, emit }) => state.announceBy(emit),
    inspect: (state) => state.status,
    methods: {
      run: (value: unknown, ctx: Ctx) => runOne(plan, value, ctx),
      each: (many: unknown, ctx: Ctx) => runEach(plan, many as Many<unknown>, ctx),
      watch: (value: unknown, ctx: Ctx) => watchOne(plan, value, ctx),
    },
  });
  const about = { stages: outline(stages), asks: asked(stages) };
  return { ...agent, pipeline: about, [PARTS]: parts } as unknown as Pipeline<I, O>;
}

/** Nothing is done twice that would matter: all that is done is done by methods that say so. */
function mayBeRepeated(stages: readonly Stage[]): boolean {
  return allOf(stages).every(({ work, policy }) => {
    if (work.kind === "method") return policy.idempotent ?? work.isIdempotent ?? false;
    return work.kind !== "function" || policy.idempotent === true;
  });
}
