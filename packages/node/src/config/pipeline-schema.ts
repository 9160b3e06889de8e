import type { Agent, Concurrency, Contract, Duration, ErrorCode, RateLimit, RetryOptions } from "@shoal/mesh";
import { ERROR_CODES } from "@shoal/mesh";
import { z } from "zod";
import { agentName } from "./agent-name.ts";
import { isAgentLike, isContractLike } from "./agent-like.ts";
import { concurrency, concurrencyPolicy } from "./concurrency-schema.ts";
import { positiveDuration } from "./duration.ts";
import { picked } from "./picked.ts";
import { rateLimit } from "./rate-limit-schema.ts";
import { retry, retryOptions } from "./retry-schema.ts";

/**
 * A stage as a configuration has it. It has one of `step`, `gate`, `parallel`, `branch` and `map`; a text alone is a
 * `step`.
 */
export interface StageEntry {
  /** Default: after what it does. */
  readonly name?: string | undefined;
  /** `reader.read`, an agent's method; `./clean.ts#clean`, a module's function or agent. */
  readonly step?: StepInput | undefined;
  readonly gate?: string | ((value: never) => unknown) | GateForm | undefined;
  /** Side by side, by name. */
  readonly parallel?: Readonly<Record<string, ArmInput>> | undefined;
  readonly atLeast?: number | undefined;
  /** The field that says which way, of `cases`. */
  readonly branch?: string | undefined;
  readonly cases?: Readonly<Record<string, ArmInput>> | undefined;
  readonly otherwise?: ArmInput | undefined;
  /** For each element. */
  readonly map?: ArmInput | undefined;
  /** The field that it takes, and what it gets beside. */
  readonly from?: string | undefined;
  readonly with?: Readonly<Record<string, unknown>> | undefined;
  /** The field of the value that it gives: the others stay as they are. */
  readonly into?: string | undefined;
  readonly timeout?: Duration | undefined;
  readonly attemptTimeout?: Duration | undefined;
  readonly retry?: RetryOptions | number | false | undefined;
  readonly concurrency?: Concurrency | undefined;
  readonly idempotent?: boolean | undefined;
  readonly onError?: "stop" | "skip" | "continue" | { answer: unknown } | { fallback: string } | undefined;
  readonly code?: ErrorCode | undefined;
}

export type StepInput = string | Agent | Contract | ((value: never) => unknown);

/** One stage, or several one after the other. */
export type ArmInput = string | StageEntry | readonly (string | StageEntry)[];

/** What a field of the value must be. Of a text or a list `min` and `max` are its length. */
export interface GateForm {
  /** Such as `words`, or `document.title`; default: the value itself. */
  readonly field?: string | undefined;
  readonly exists?: boolean | undefined;
  readonly equals?: unknown;
  readonly oneOf?: readonly unknown[] | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** A regular expression. */
  readonly matches?: string | undefined;
  /** What the caller is told. */
  readonly why?: string | undefined;
}

export interface PipelineInput {
  readonly name: string;
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  readonly stages: readonly (string | StageEntry)[];
  readonly timeout?: Duration | undefined;
  readonly items?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly mailbox?: number | undefined;
  readonly rateLimit?: RateLimit | undefined;
  readonly idempotent?: boolean | undefined;
  /** In each process. Default 1. */
  readonly replicas?: number | undefined;
}

/** The same, checked. */
export interface PipelineEntry extends PipelineInput {
  readonly stages: readonly StageEntry[];
}

const text = z.string().min(1);
const count = z.int().min(1);

const stepInput = picked<StepInput>((value) =>
  isAgentLike(value) || isContractLike(value) || typeof value === "function" ? z.custom<Agent>() : text,
);

const TESTS = ["exists", "equals", "oneOf", "min", "max", "matches"];

const gateForm = z.strictObject({
  field: text.optional(),
  exists: z.boolean().optional(),
  equals: z.unknown().optional(),
  oneOf: z.array(z.unknown()).min(1).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  matches: z.string().refine(isRegExp, "must be a regular expression").optional(),
  why: text.optional(),
});

const gate = picked<NonNullable<StageEntry["gate"]>>((value) => {
  if (typeof value === "function") return z.custom<() => unknown>();
  if (typeof value === "string") return text;
  return gateForm.refine((form) => TESTS.some((test) => test in form), {
    message: `must say what is wanted: one of ${TESTS.join(", ")}`,
    when: isSound,
  }) as z.ZodType<GateForm>;
});

const answer = z.strictObject({ answer: z.unknown().optional(), fallback: text.optional() });

const onError = picked<NonNullable<StageEntry["onError"]>>((value) =>
  typeof value === "object" && value !== null
    ? (answer.refine((given) => "answer" in given !== "fallback" in given, {
        message: "must be one of `answer: …` and `fallback: agent.method`",
        when: isSound,
      }) as unknown as z.ZodType<{ answer: unknown }>)
    : z.enum(["stop", "skip", "continue"]),
);

const stage = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'must be 1 to 63 letters, digits, "-" and "_"')
    .optional(),
  step: stepInput.optional(),
  gate: gate.optional(),
  parallel: z.record(z.string(), armIn()).optional(),
  atLeast: count.optional(),
  branch: text.optional(),
  cases: z.record(z.string(), armIn()).optional(),
  otherwise: armIn().optional(),
  map: armIn().optional(),
  from: text.optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  into: text.optional(),
  timeout: positiveDuration.optional(),
  attemptTimeout: positiveDuration.optional(),
  retry: retry.optional(),
  concurrency: concurrency.optional(),
  idempotent: z.boolean().optional(),
  onError: onError.optional(),
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode]).optional(),
});

const KINDS = ["step", "gate", "parallel", "branch", "map"] as const;

/** Settings that go with some kinds of stages only. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  atLeast: ["parallel"],
  cases: ["branch"],
  otherwise: ["branch"],
  from: ["step"],
  with: ["step"],
  into: ["step"],
  attemptTimeout: ["step", "map"],
  retry: ["step", "map"],
  idempotent: ["step", "map"],
  code: ["gate"],
};

const checkedStage = stage.superRefine((given, context) => {
  const kinds = KINDS.filter((kind) => kind in given);
  if (kinds.length !== 1) {
    const message = `must have one of ${KINDS.map((kind) => `\`${kind}\``).join(", ")}`;
    context.addIssue({ code: "custom", message });
    return;
  }
  const [kind = "step"] = kinds;
  if (kind === "branch" && given.cases === undefined)
    context.addIssue({ code: "custom", path: ["branch"], message: "needs `cases:`, a way for each value" });
  for (const [setting, goesWith] of Object.entries(ONLY)) {
    if (!(setting in given) || goesWith.includes(kind)) continue;
    const message = `goes with ${goesWith.map((each) => `\`${each}\``).join(" and ")} only`;
    context.addIssue({ code: "custom", path: [setting], message });
  }
});

/** A text alone is a step. */
const stageSchema: z.ZodType<StageEntry> = picked<StageEntry>((value) =>
  typeof value === "string" ? text.transform((step): StageEntry => ({ step })) : checkedStage,
);

function armIn(): z.ZodType<ArmInput> {
  return picked<ArmInput>((value) => (Array.isArray(value) ? z.array(stageSchema).min(1) : stageSchema));
}

const pipeline = z.strictObject({
  name: agentName,
  version: z.string().optional(),
  description: z.string().optional(),
  stages: z.array(stageSchema).min(1),
  timeout: positiveDuration.optional(),
  items: count.optional(),
  concurrency: count.optional(),
  mailbox: z.int().min(0).optional(),
  rateLimit: rateLimit.optional(),
  idempotent: z.boolean().optional(),
  replicas: z.int().min(1).max(1_000).optional(),
});

export const pipelineSchema: z.ZodType<PipelineEntry> = pipeline;

export const pipelineSections: Readonly<Record<string, z.ZodObject>> = {
  pipelines: pipeline,
  "pipelines.rateLimit": rateLimit,
  "pipelines.stages": stage,
  "pipelines.stages.retry": retryOptions,
  "pipelines.stages.concurrency": concurrencyPolicy,
  "pipelines.stages.gate": gateForm,
  "pipelines.stages.onError": answer,
};

/** The section of a path below `pipelines`: a stage in a stage is a stage. */
export function sectionIn(path: readonly PropertyKey[]): string {
  const section: PropertyKey[] = [];
  let isName = false;
  for (const key of path) {
    // What comes after `parallel` and `cases` is a name.
    if (isName) isName = false;
    else if (key === "parallel" || key === "cases") isName = section.at(-1) === "stages";
    else if (typeof key === "string" && key !== "otherwise" && key !== "map") section.push(key);
  }
  return section.join(".");
}

/** A setting that is misspelt is told as that alone. */
function isSound({ issues }: z.core.ParsePayload): boolean {
  return issues.length === 0;
}

function isRegExp(source: string): boolean {
  try {
    return Boolean(new RegExp(source, "u"));
  } catch {
    return false;
  }
}
