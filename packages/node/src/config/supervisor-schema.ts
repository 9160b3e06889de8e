import type { Agent, Contract, Duration, Rung, SupervisorOptions, TargetInput } from "@shoal/mesh";
import { z } from "zod";
import { agentName } from "./agent-name.ts";
import { isAgentLike, isContractLike } from "./agent-like.ts";
import { duration, isDuration, positiveDuration } from "./duration.ts";
import { picked } from "./picked.ts";
import { retry, retryOptions } from "./retry-schema.ts";

/**
 * A supervisor as a configuration has it: what `defineSupervisor` takes, but that a text names an agent or a supervisor
 * of the configuration, or is what `use` takes.
 */
export interface SupervisorInput extends Omit<SupervisorOptions, "contract"> {
  /** Replicas in each process. Default 1. */
  readonly replicas?: number | undefined;
}

/** The same, checked. */
export interface SupervisorEntry extends SupervisorInput {
  readonly targets: readonly TargetInput[];
}

type Options = Required<SupervisorOptions>;

const count = (least: number): z.ZodType<number> => z.int().min(least);

const agent = picked<string | Contract | Agent>((value) =>
  isAgentLike(value) || isContractLike(value) ? z.custom<Contract | Agent>() : z.string().min(1),
);

const target = z.strictObject({
  agent,
  weight: z.custom<number>(isNumber({ over: 0 }), "must be a number over 0").optional(),
  timeout: positiveDuration.optional(),
});

const breaker = z.strictObject({
  errorRate: z
    .custom<number>(isNumber({ over: 0, under: 1 }), "must be a share over 0 and under 1, such as 0.5")
    .optional(),
  minimum: count(1).optional(),
  window: positiveDuration.optional(),
  halfOpenAfter: positiveDuration.optional(),
});

const hedge = z.strictObject({
  after: z
    .custom<Duration | "p95">(
      (value) => value === "p95" || isDuration(value),
      'must be p95, or a duration such as "100ms"',
    )
    .optional(),
  max: count(1).optional(),
});

const bulkhead = z.strictObject({ running: count(1).optional(), queued: count(0).optional() });

const rateLimit = z.strictObject({ requests: count(1), per: positiveDuration });

const cache = z.strictObject({ staleFor: duration });

const rung = z
  .strictObject({
    cache: cache.optional(),
    agent: agent.optional(),
    timeout: positiveDuration.optional(),
    answer: z.unknown().optional(),
  })
  .refine(
    (given) => ["cache", "agent", "answer"].filter((kind) => kind in given).length === 1,
    "must be one of `cache: { staleFor: 10m }`, `agent: cheap` and `answer: …`",
  )
  .refine(({ timeout, ...given }) => timeout === undefined || "agent" in given, {
    path: ["timeout"],
    message: "goes with `agent` only",
  });

const supervisor = z.strictObject({
  name: agentName,
  version: z.string().optional(),
  description: z.string().optional(),
  /** Asked in order. */
  targets: z
    .array(
      picked<TargetInput>((value) =>
        typeof value === "string" || isAgentLike(value) || isContractLike(value)
          ? agent.transform((each) => ({ agent: each }))
          : target,
      ),
    )
    .min(1),
  timeout: positiveDuration.optional(),
  retry: retry.optional(),
  breaker: picked<Options["breaker"]>((value) => (value === false ? z.literal(false) : breaker)).optional(),
  hedge: picked<Options["hedge"]>((value) => (value === true ? z.literal(true) : hedge)).optional(),
  bulkhead: bulkhead.optional(),
  rateLimit: rateLimit.optional(),
  /** The next best answers, in order, when all targets have failed. */
  degrade: z.array(rung as unknown as z.ZodType<Rung>).optional(),
  idempotent: z.boolean().optional(),
  replicas: z.int().min(1).max(1_000).optional(),
});

export const supervisorSchema: z.ZodType<SupervisorEntry> = supervisor;

/** By path, without the places in lists. */
export const supervisorSections: Readonly<Record<string, z.ZodObject>> = {
  supervisors: supervisor,
  "supervisors.targets": target,
  "supervisors.retry": retryOptions,
  "supervisors.breaker": breaker,
  "supervisors.hedge": hedge,
  "supervisors.bulkhead": bulkhead,
  "supervisors.rateLimit": rateLimit,
  "supervisors.degrade": rung,
  "supervisors.degrade.cache": cache,
};

function isNumber({ over = -Infinity, from = -Infinity, under = Infinity }) {
  return (value: unknown): boolean =>
    typeof value === "number" && value > over && value >= from && value < under;
}
