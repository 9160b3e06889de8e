import type { z } from "zod";
import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import type { SessionIdOf } from "./session-options.ts";
import { type CacheOptions, cachePolicyOf } from "./cache-options.ts";
import { checkAgentName, checkMethodName } from "../protocol/names.ts";

/** What a method takes and gives. Exactly one of `output` (one value) and `chunk` (a stream), or neither. */
export interface MethodContract {
  /** Validated before the handler sees it. */
  readonly input: z.ZodType;
  /** Validated before the caller sees it. Without it the result is passed as it is. */
  readonly output?: z.ZodType | undefined;
  /** Makes the method a stream; each chunk is validated. */
  readonly chunk?: z.ZodType | undefined;
  /** Repeating a request with the same input does no harm. Default false. */
  readonly idempotent?: boolean | undefined;
  /**
   * A stream that can be taken up where it broke off: the handler heeds `ctx.request.from`, and gives the same chunks
   * each time. Default false.
   */
  readonly resumable?: boolean | undefined;
  /** The deadline when the caller sets none. Default 30 s; for a stream 10 minutes. */
  readonly timeout?: Duration | undefined;
  readonly description?: string | undefined;
  /** Answers are given again to equal requests. Default: not. Not for streams. */
  readonly cache?: CacheOptions | undefined;
}

export type MethodContracts = Readonly<Record<string, MethodContract>>;

/** What an agent promises, apart from how it keeps it: share it with callers. */
export interface Contract<M extends MethodContracts = MethodContracts> {
  /** `[a-z0-9][a-z0-9-]{0,62}` */
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  readonly description?: string;
  readonly methods: M;
  /**
   * Names the session of a request: those of one session are worked on one at a time, anywhere in the pool. Default: what
   * the caller names, where the agent has sessions at all.
   */
  readonly session?: SessionIdOf<never>;
  /** The method that the agent's bare name calls. Default: the only one, or the one called `run` or `prompt`. */
  readonly defaultMethod?: string;
}

/** The value a caller passes. */
export type InputOf<M extends MethodContract> = z.input<M["input"]>;
/** The value a caller gets. */
export type OutputOf<M extends MethodContract> = M extends { output: infer O extends z.ZodType }
  ? z.output<O>
  : unknown;
/** What a caller's stream yields. */
export type ChunkOf<M extends MethodContract> = M extends { chunk: infer C extends z.ZodType }
  ? z.output<C>
  : never;

const SEMVER = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
const UNARY_TIMEOUT_MS = 30_000;
const STREAM_TIMEOUT_MS = 600_000;

/**
 * Declares an agent's contract without its handlers.
 * @throws MeshError `bad_request` naming what is wrong
 */
export function defineContract<const M extends MethodContracts>(
  contract: Contract<M> & { readonly defaultMethod?: keyof M },
): Contract<M> {
  checkContract(contract);
  return contract;
}

/** @throws MeshError `bad_request` */
export function checkContract(contract: Contract): void {
  const { name, version, methods, defaultMethod, session } = contract;
  checkAgentName(name);
  const fail = (why: string): never => {
    throw new MeshError("bad_request", `agent "${name}": ${why}`, { agent: name });
  };
  if (!SEMVER.test(version))
    fail(`version ${JSON.stringify(version)} is not a semantic version such as "1.0.0".`);
  if (Object.keys(methods).length === 0) fail("it has no methods: declare at least one.");
  for (const [method, { input, output, chunk, timeout, resumable, cache }] of Object.entries(methods)) {
    checkMethodName(method);
    if (!isSchema(input))
      fail(`method "${method}" needs an input schema (zod): use z.unknown() to take anything.`);
    if (output !== undefined && chunk !== undefined) {
      fail(`method "${method}" has both output and chunk: a method gives one value or a stream, not both.`);
    }
    if (output !== undefined && !isSchema(output)) fail(`method "${method}": output is not a zod schema.`);
    if (chunk !== undefined && !isSchema(chunk)) fail(`method "${method}": chunk is not a zod schema.`);
    if (cache !== undefined && chunk !== undefined)
      fail(`method "${method}" gives a stream, which cannot be cached: only methods with one answer can.`);
    if (cache !== undefined) cachePolicyOf(`agent "${name}": method "${method}": cache`, cache);
    if (resumable && chunk === undefined) fail(`method "${method}" is resumable and gives no stream.`);
    if (timeout !== undefined && toMs(timeout, `the timeout of "${name}.${method}"`) === 0) {
      fail(`method "${method}": a timeout of 0 would end every request at once.`);
    }
  }
  if (session !== undefined && typeof session !== "function")
    fail("session is not a function: give it one that names the session of an input.");
  if (defaultMethod !== undefined && !Object.hasOwn(methods, defaultMethod)) {
    fail(
      `its default method "${defaultMethod}" is not among its methods: ${Object.keys(methods).join(", ")}.`,
    );
  }
}

/** The method that the agent's bare name calls; undefined when there is no obvious one. */
export function defaultMethodOf(contract: Contract): string | undefined {
  if (contract.defaultMethod !== undefined) return contract.defaultMethod;
  const names = Object.keys(contract.methods);
  if (names.length === 1) return names[0];
  return names.find((name) => name === "run" || name === "prompt");
}

/** The deadline of a request that names none. */
export function defaultTimeoutMs(method: MethodContract | undefined): number {
  if (method?.timeout !== undefined) return toMs(method.timeout);
  return method?.chunk ? STREAM_TIMEOUT_MS : UNARY_TIMEOUT_MS;
}

function isSchema(value: unknown): boolean {
  return typeof value === "object" && value !== null && "_zod" in value;
}
