import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";

/**
 * Answers of a method that are given again to equal requests. Off unless a method says so: it is for what gives the same
 * answer to the same input, whoever asks.
 */
export interface CacheOptions<I = never> {
  /** How long an answer is fresh, by the monotonic clock. */
  readonly ttl: Duration;
  /**
   * For so long after that it is still given at once, while a new one is made. Default: not at all.
   */
  readonly staleWhileRevalidate?: Duration | undefined;
  /** Answers that each replica keeps. Default 1,000; the one that was asked for least lately makes room. */
  readonly max?: number | undefined;
  /** Bytes that these may take. Default 16 MiB; what is larger alone is not kept. */
  readonly maxBytes?: number | undefined;
  /** Each answer's `ttl` is shorter by a random share of at most this much, from 0 to 1. Default 0.1. */
  readonly jitter?: number | undefined;
  /** Names by which answers can be cleared together: the same for all, or by input and answer. */
  readonly tags?: readonly string[] | ((input: I, answer: unknown) => readonly string[]) | undefined;
  /** What of an input tells its answer from others. Default: all of it, however its fields are ordered. */
  readonly key?: ((input: I) => string) | undefined;
  /**
   * Answers, and work on them, are shared by all replicas of the pool: they are kept in NATS (JetStream) as well, and of
   * equal requests anywhere in the mesh one is worked on. Default false: each replica for itself.
   */
  readonly shared?: boolean | undefined;
  /**
   * How long an error is given again: one that trying again does not mend. Default: not at all.
   */
  readonly errorTtl?: Duration | undefined;
}

/** The same, checked. */
export interface CachePolicy {
  readonly ttlMs: number;
  readonly staleMs: number;
  /** 0: errors are not kept. */
  readonly errorTtlMs: number;
  readonly max: number;
  readonly maxBytes: number;
  readonly jitter: number;
  readonly shared: boolean;
  readonly tagsOf: (input: unknown, answer: unknown) => readonly string[];
  /** Undefined: the whole input. */
  readonly keyOf: ((input: unknown) => string) | undefined;
}

const DEFAULT_MAX = 1_000;
const DEFAULT_MAX_BYTES = 16 * 1_048_576;
const DEFAULT_JITTER = 0.1;
const MOST_MAX = 10_000_000;
const NO_TAGS: readonly string[] = [];

/**
 * @param what begins every message: `agent "a": method "m": cache`
 * @throws MeshError `bad_request` naming what is wrong
 */
export function cachePolicyOf(what: string, options: CacheOptions): CachePolicy {
  const { ttl, staleWhileRevalidate = 0, errorTtl = 0, max = DEFAULT_MAX } = options;
  const { maxBytes = DEFAULT_MAX_BYTES, jitter = DEFAULT_JITTER, shared = false, tags, key } = options;
  const wrong = (field: string, value: unknown, wanted: string): MeshError =>
    new MeshError("bad_request", `${what}.${field} is ${String(value)}; it must be ${wanted}.`);
  if (ttl === undefined) throw new MeshError("bad_request", `${what} needs a ttl, such as "5m".`);
  const ttlMs = toMs(ttl, `${what}.ttl`);
  if (ttlMs === 0) throw wrong("ttl", ttl, "longer than 0");
  if (!Number.isInteger(max) || max < 1 || max > MOST_MAX)
    throw wrong("max", max, `a whole number from 1 to ${MOST_MAX}`);
  if (!Number.isInteger(maxBytes) || maxBytes < 1) throw wrong("maxBytes", maxBytes, "a whole number from 1");
  if (!(jitter >= 0 && jitter <= 1)) throw wrong("jitter", jitter, "a number from 0 to 1");
  if (typeof shared !== "boolean") throw wrong("shared", shared, "true or false");
  if (key !== undefined && typeof key !== "function") throw wrong("key", key, "a function of the input");
  return {
    ttlMs,
    staleMs: toMs(staleWhileRevalidate, `${what}.staleWhileRevalidate`),
    errorTtlMs: toMs(errorTtl, `${what}.errorTtl`),
    max,
    maxBytes,
    jitter,
    shared,
    // Declared for the method's own input, which is what they are called with.
    tagsOf: typeof tags === "function" ? (tags as CachePolicy["tagsOf"]) : constantly(tags ?? NO_TAGS, wrong),
    keyOf: key as CachePolicy["keyOf"],
  };
}

function constantly(
  tags: readonly string[],
  wrong: (field: string, value: unknown, wanted: string) => MeshError,
): CachePolicy["tagsOf"] {
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string" && tag !== ""))
    throw wrong("tags", JSON.stringify(tags), "a list of names, or a function that gives one");
  return () => tags;
}
