import type { Agent } from "../contract/agent.ts";
import type { Contract, MethodContracts } from "../contract/contract.ts";
import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import {
  type BreakerOptions,
  type BreakerPolicy,
  type ExecutionPolicy,
  type HedgeOptions,
  type RetryOptions,
  breakerOf,
  hedgeOf,
  positiveMs,
  retryOf,
  whole,
  wrong,
} from "../policy/options.ts";
import type { TargetOptions } from "../policy/target.ts";
import { checkAgentName } from "../protocol/names.ts";

export interface TargetInput {
  /** By contract, or by name. The same agent twice is another replica of its pool. */
  agent: string | Contract | Agent;
  /** Share of the requests that go to it first. Default: targets are asked in order. */
  weight?: number | undefined;
  /** Of an attempt. Default: the supervisor's. */
  timeout?: Duration | undefined;
}

/** The next best thing to an answer; asked in order when all targets have failed. */
export type Rung =
  /** The answer to the same input of at most so long ago. */
  | { readonly cache: { readonly staleFor: Duration } }
  /** Another agent, for instance a cheaper one. */
  | { readonly agent: string | Contract | Agent; readonly timeout?: Duration | undefined }
  /** Always the same answer. */
  | { readonly answer: unknown };

export interface SupervisorOptions<M extends MethodContracts = MethodContracts> {
  /** `[a-z0-9][a-z0-9-]{0,62}` */
  readonly name: string;
  /** Default `1.0.0`. */
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  /** Asked in order. What may have been begun by one is asked of the next only where that does no harm: `idempotent`. */
  readonly targets: readonly (string | Contract<M> | Agent<M> | TargetInput)[];
  /** What it presents. Default: the methods that all targets have, as their contracts say them. */
  readonly contract?: Contract<M> | undefined;
  /** Of an attempt. Default: all targets that are still to come share the time that is left. */
  readonly timeout?: Duration | undefined;
  /** Default: 3 attempts at each target; `false` for one. */
  readonly retry?: RetryOptions | number | false | undefined;
  /** Default: on; `false` for none. */
  readonly breaker?: BreakerOptions | false | undefined;
  /** Default: none. For idempotent methods only, of targets whose contracts are known. */
  readonly hedge?: HedgeOptions | boolean | undefined;
  /** Requests that run, and that wait, in each replica. Default 1,000 and 1,000. */
  readonly bulkhead?:
    { readonly running?: number | undefined; readonly queued?: number | undefined } | undefined;
  /** Of each replica. Default: none. */
  readonly rateLimit?: { readonly requests: number; readonly per: Duration } | undefined;
  /** What is answered when all targets have failed. Default: the error. */
  readonly degrade?: readonly Rung[] | undefined;
  /** Doing the work twice does no harm, whatever the targets' contracts say. */
  readonly idempotent?: boolean | undefined;
}

export interface LadderRung {
  readonly staleForMs?: number;
  readonly agent?: string;
  readonly timeoutMs?: number | undefined;
  readonly answer?: { readonly value: unknown };
}

/** What a supervisor does, checked. */
export interface SupervisorPolicy {
  readonly execution: ExecutionPolicy;
  readonly targets: readonly TargetOptions[];
  readonly breaker: BreakerPolicy | undefined;
  readonly running: number;
  readonly queued: number;
  readonly rateLimit: { readonly requests: number; readonly perMs: number } | undefined;
  readonly ladder: readonly LadderRung[];
}

const DEFAULT_RUNNING = 1_000;
const DEFAULT_QUEUED = 1_000;

/** @throws MeshError `bad_request` naming the supervisor and what is wrong */
export function policyOf(options: SupervisorOptions): SupervisorPolicy {
  const { name, targets, timeout, retry, breaker, hedge, bulkhead = {}, rateLimit, degrade = [] } = options;
  const who = `supervisor "${name}"`;
  if (!Array.isArray(degrade)) throw wrong(`${who}: degrade`, degrade, "a list");
  if (targets.length === 0)
    throw new MeshError("bad_request", `${who} has no targets: name at least one agent.`);
  const { running = DEFAULT_RUNNING, queued = DEFAULT_QUEUED } = bulkhead;
  return {
    execution: {
      retry: retryOf(retry, who),
      hedge: hedgeOf(hedge, who),
      timeoutMs: timeout === undefined ? undefined : positiveMs(timeout, `${who}: timeout`),
    },
    targets: targets.map((target, index) => targetOf(target, `${who}: targets[${index}]`, name)),
    breaker: breaker === false ? undefined : breakerOf(breaker ?? {}, who),
    running: whole(`${who}: bulkhead.running`, running, 1),
    queued: whole(`${who}: bulkhead.queued`, queued, 0),
    rateLimit: rateLimit && {
      requests: whole(`${who}: rateLimit.requests`, rateLimit.requests, 1),
      perMs: positiveMs(rateLimit.per, `${who}: rateLimit.per`),
    },
    ladder: degrade.map((rung, index) => rungOf(rung, `${who}: degrade[${index}]`, name)),
  };
}

/** The name of an agent that is given by contract or by name. @throws MeshError `bad_request` */
function nameOf(agent: string | Contract | Agent): string {
  return typeof agent === "string" ? checkAgentName(agent) : (contractIn(agent) as Contract).name;
}

/** Undefined for a name. */
export function contractIn(agent: string | Contract | Agent | TargetInput): Contract | undefined {
  if (typeof agent === "string") return undefined;
  if ("contract" in agent) return agent.contract;
  if ("methods" in agent) return agent;
  return agent.agent === undefined ? undefined : contractIn(agent.agent);
}

function targetOf(
  given: string | Contract | Agent | TargetInput,
  at: string,
  supervisor: string,
): TargetOptions {
  const { agent, weight, timeout }: TargetInput =
    typeof given === "string" || "contract" in given || "methods" in given ? { agent: given } : given;
  if (agent === undefined) throw wrong(at, given, "an agent, by name or by contract, or have one");
  if (weight !== undefined && !(weight > 0 && Number.isFinite(weight)))
    throw wrong(`${at}.weight`, weight, "a number over 0");
  return {
    agent: notItself(nameOf(agent), at, supervisor),
    weight,
    timeoutMs: timeout === undefined ? undefined : positiveMs(timeout, `${at}.timeout`),
  };
}

function rungOf(rung: Rung, at: string, supervisor: string): LadderRung {
  if ("cache" in rung) return { staleForMs: toMs(rung.cache.staleFor, `${at}.cache.staleFor`) };
  if ("answer" in rung) return { answer: { value: rung.answer } };
  if (rung.agent === undefined) throw wrong(at, rung, "one of { cache }, { agent } and { answer }");
  const timeoutMs = rung.timeout === undefined ? undefined : positiveMs(rung.timeout, `${at}.timeout`);
  return { agent: notItself(nameOf(rung.agent), at, supervisor), timeoutMs };
}

function notItself(agent: string, at: string, supervisor: string): string {
  if (agent !== supervisor) return agent;
  throw new MeshError("bad_request", `${at} is the supervisor itself: it would wait for its own answer.`);
}
