import type { z } from "zod";
import { defaultTimeoutMs } from "../contract/contract.ts";
import { Validator } from "../contract/validator.ts";
import { MeshError } from "../errors.ts";
import { type Concurrency, boundsOf, checkConcurrency } from "../limit/concurrency.ts";
import { positiveMs, retryOf, whole, wrong } from "../policy/options.ts";
import { parseTarget } from "../protocol/names.ts";
import type { Arms, GroupOptions, OnError, Optioned, StageOptions } from "./options.ts";
import type { MethodWork, ParallelWork, Remedy, Stage, StagePolicy, StageWork } from "./stage.ts";
import { type MethodStep, PARTS, type Step } from "./step.ts";

/** A stage that waits for its place. */
export type Part = (prefix: string) => Stage;

/** What a pipeline is made of. */
export interface Parts {
  readonly name: string;
  readonly input: z.ZodType;
  readonly parts: readonly Part[];
}

type AnyStep = Step<never, unknown>;
type AnyOptions = StageOptions<never, unknown>;

/** Elements of a `map` that are under way at once. */
const ELEMENTS = 8;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
/** What is wrong with an item itself is told under this name. */
export const INPUT = "input";

/** @param where for messages: `pipeline "digest"` */
export function checkStageName(name: string, where: string): string {
  if (NAME.test(name) && name !== INPUT) return name;
  throw new MeshError(
    "bad_request",
    `${where}: ${JSON.stringify(name)} is no name for a stage: use 1 to 63 letters, digits, "-" and "_"${name === INPUT ? `, and not "${INPUT}"` : ""}.`,
  );
}

/** A stage that does one thing. @throws MeshError `bad_request` */
export function stepPart(name: string, step: AnyStep, options: AnyOptions, where: string): Part {
  const policy = policyPart(options, `${where}: stage "${name}"`);
  const work = workPart(step, `${where}: stage "${name}"`);
  return (prefix) => {
    const path = prefix + name;
    return { path, policy: policy(path), work: work(path) };
  };
}

/** A stage with others inside it, or none. */
export function groupPart(
  name: string,
  options: GroupOptions<never, unknown>,
  where: string,
  workIn: (path: string) => StageWork,
): Part {
  const policy = policyPart(options, `${where}: stage "${name}"`);
  return (prefix) => {
    const path = prefix + name;
    return { path, policy: policy(path), work: workIn(path) };
  };
}

/** Stages side by side. @throws MeshError `bad_request` */
export function armsPart(arms: Arms<never>, where: string): (path: string) => Map<string, Stage> {
  const parts = Object.entries(arms).map(([name, arm]) => {
    checkStageName(name, where);
    const isOptioned = typeof arm === "object" && "step" in arm;
    const { step, ...options }: Optioned<never, unknown> = isOptioned ? arm : { step: arm };
    return [name, stepPart(name, step, options, where)] as const;
  });
  if (parts.length === 0) throw new MeshError("bad_request", `${where} has no arms: name at least one.`);
  return (path) => new Map(parts.map(([name, part]) => [name, part(`${path}/`)]));
}

/** @throws MeshError `bad_request` */
export function checkAtLeast(atLeast: number, arms: Arms<never>, where: string): ParallelWork["atLeast"] {
  whole(`${where}: atLeast`, atLeast, 1);
  const most = Object.keys(arms).length;
  if (atLeast > most) throw wrong(`${where}: atLeast`, atLeast, `at most ${most}, which is all of its arms`);
  return atLeast;
}

/** A stage for each element of a list. */
export function mapPart(name: string, step: AnyStep, options: AnyOptions, where: string): Part {
  const { concurrency = ELEMENTS, ...rest } = options;
  const part = stepPart(`${name}[]`, step, { ...rest, concurrency }, where);
  const atOnce = mostOf(concurrency);
  return groupPart(name, {}, where, (path) => ({
    kind: "map",
    each: part(path.slice(0, path.length - name.length)),
    atOnce,
  }));
}

function mostOf(concurrency: Concurrency): number {
  return typeof concurrency === "number" ? concurrency : boundsOf(concurrency).max;
}

function policyPart(options: AnyOptions, what: string): (path: string) => StagePolicy {
  const { timeout, attemptTimeout, retry, idempotent, concurrency, output, onError = "stop" } = options;
  if (concurrency !== undefined) checkConcurrency(`${what}: concurrency`, concurrency);
  const remedy = remedyPart(onError, what);
  const checked = retry === undefined || retry === false ? undefined : retryOf(retry, what);
  const policy = {
    timeoutMs: timeout === undefined ? undefined : positiveMs(timeout, `${what}: timeout`),
    attemptTimeoutMs:
      attemptTimeout === undefined ? undefined : positiveMs(attemptTimeout, `${what}: attemptTimeout`),
    retry: checked && { given: retry as NonNullable<Exclude<typeof retry, false>>, checked },
    idempotent,
    concurrency,
    output: output && new Validator(output),
  };
  return (path) => ({ ...policy, remedy: remedy(path) });
}

function remedyPart(onError: OnError<never, unknown>, what: string): (path: string) => Remedy {
  if (onError === "stop" || onError === "skip" || onError === "continue") return () => ({ kind: onError });
  if (typeof onError === "object" && onError !== null) {
    if ("answer" in onError) return () => ({ kind: "answer", value: onError.answer });
    if ("fallback" in onError) {
      const part = stepPart("fallback", onError.fallback, {}, what);
      return (path) => ({ kind: "fallback", stage: part(`${path}/`) });
    }
  }
  throw wrong(`${what}: onError`, onError, "stop, skip, continue, { answer } or { fallback }");
}

function workPart(step: AnyStep, what: string): (path: string) => StageWork {
  if (typeof step === "function") {
    const run = step as (value: unknown, ctx: unknown) => unknown;
    return () => ({ kind: "function", run });
  }
  if (typeof step === "string") {
    const work = methodWork({ ...parseTarget(step), contract: undefined });
    return () => work;
  }
  if (typeof step === "object" && step !== null) {
    if (PARTS in step) return pipelineWork(step[PARTS] as Parts);
    if ("agent" in step) {
      const work = methodWork(step);
      return () => work;
    }
  }
  throw wrong(
    `${what}: what it does`,
    step,
    'a function, a method (`methodOf(agent, "method")`, or "agent.method"), or a pipeline',
  );
}

function methodWork({ agent, method, contract, take, give }: MethodStep<never, unknown>): MethodWork {
  return {
    kind: "method",
    agent,
    method,
    isStream: contract?.chunk !== undefined,
    isIdempotent: contract && (contract.idempotent === true || contract.resumable === true),
    timeoutMs: contract && defaultTimeoutMs(contract),
    take: take as MethodWork["take"],
    give: give as MethodWork["give"],
  };
}

function pipelineWork({ name, input, parts }: Parts): (path: string) => StageWork {
  return (path) => ({
    kind: "pipeline",
    name,
    input: new Validator(input),
    stages: parts.map((part) => part(`${path}/`)),
  });
}
