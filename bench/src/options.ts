import { parseArgs } from "node:util";
import { PARTS as FAILOVER_PARTS } from "./failover/part.ts";
import { PARTS as POOL_PARTS } from "./pool/part.ts";

/** What the command line asked for. */
export interface Options {
  /** Undefined, or "all", for every benchmark. */
  readonly name: string | undefined;
  readonly help: boolean;
  /** Ends with one JSON line on stdout. */
  readonly json: boolean;
  /** Few short rounds: to see that it runs, not to quote. */
  readonly quick: boolean;
  /** Exit code 1 when a target is missed. */
  readonly check: boolean;
  /** Keeps the outcome in `bench/results` and `bench/RESULTS.md`. */
  readonly write: boolean;
  /** Rounds instead of the benchmark's own number. */
  readonly rounds: number | undefined;
  /** Seconds that one measurement lasts, instead of the benchmark's own. */
  readonly seconds: number | undefined;
  /** Contenders and parts to run, where a benchmark has several; empty means all. */
  readonly only: readonly string[];
  /** Parts to run, where a benchmark has several; empty means all. */
  readonly parts: readonly string[];
}

/** A mistake on the command line; its message is all that the user needs to see. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Reads the arguments after `npm run bench --`. Throws {@link UsageError}. */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = parse(argv);
  if (positionals.length > 1) throw new UsageError(`One benchmark at a time, got: ${positionals.join(" ")}`);
  return {
    name: positionals[0],
    help: values.help ?? false,
    json: values.json ?? false,
    quick: values.quick ?? false,
    check: values.check ?? false,
    write: values.write ?? false,
    rounds: positive("--rounds", values.rounds, Number.isInteger),
    seconds: positive("--seconds", values.seconds, Number.isFinite),
    only: values.only?.split(",").filter((name) => name !== "") ?? [],
    parts: [...FAILOVER_PARTS, ...POOL_PARTS].filter((part) => values[part]),
  };
}

/**
 * Those of `all` that were asked for, in their own order; all of them when none was.
 * Throws {@link UsageError} for a name that is not among them.
 * @param what one of them is
 */
export function chosen<N extends string>(
  what: string,
  asked: readonly string[],
  all: readonly N[],
): readonly N[] {
  const unknown = asked.filter((name) => !(all as readonly string[]).includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`No ${what} is called ${unknown.join(", ")}. There are: ${all.join(", ")}`);
  }
  return asked.length === 0 ? all : all.filter((name) => asked.includes(name));
}

const flags = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  quick: { type: "boolean" },
  check: { type: "boolean" },
  write: { type: "boolean" },
  rounds: { type: "string" },
  seconds: { type: "string" },
  only: { type: "string" },
  kill: { type: "boolean" },
  drain: { type: "boolean" },
  server: { type: "boolean" },
  overhead: { type: "boolean" },
  equal: { type: "boolean" },
  exponential: { type: "boolean" },
  mixed: { type: "boolean" },
  cluster: { type: "boolean" },
  cost: { type: "boolean" },
} as const;

type Parsed = ReturnType<typeof parseArgs<{ options: typeof flags; allowPositionals: true }>>;

function parse(argv: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The number after a flag; undefined without one. Throws {@link UsageError} for one that does not fit. */
export function positive(
  flag: string,
  text: string | undefined,
  fits: (value: number) => boolean,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!fits(value) || value <= 0) throw new UsageError(`${flag} needs a positive number, got "${text}"`);
  return value;
}
