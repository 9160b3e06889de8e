import { parseArgs } from "node:util";
import { positive, UsageError } from "../options.ts";

/** What `compare` is asked for. */
export interface CompareOptions {
  readonly help: boolean;
  /** What git takes for a commit. */
  readonly base: string;
  /** Undefined for the working tree. */
  readonly head: string | undefined;
  /** The benchmark and its options, run the same for both. */
  readonly bench: readonly string[];
  /** How often both are measured twice, in the order base, head, head, base. */
  readonly passes: number;
  /** A change of less than this share is none, whatever its interval. */
  readonly tolerance: number;
  /** Exit code 1 on a regression. */
  readonly check: boolean;
  readonly json: boolean;
}

/** Short, and with the library's own request as a yardstick. */
const DEFAULT_ONLY = "nc-request,shoal";
const DEFAULT_BENCH = ["call", "--rounds", "2", "--seconds", "0.5"];
const DEFAULT_PASSES = 4;
const DEFAULT_TOLERANCE_PCT = 3;

const flags = {
  help: { type: "boolean", short: "h" },
  only: { type: "string" },
  passes: { type: "string" },
  tolerance: { type: "string" },
  check: { type: "boolean" },
  json: { type: "boolean" },
} as const;

type Parsed = ReturnType<typeof parseArgs<{ options: typeof flags; allowPositionals: true }>>;

/** Reads `BASE [HEAD] [options] [-- NAME options]`. Throws {@link UsageError}. */
export function parseCompare(argv: readonly string[]): CompareOptions {
  const divide = argv.indexOf("--");
  const own = divide === -1 ? argv : argv.slice(0, divide);
  const given = divide === -1 ? [] : argv.slice(divide + 1);
  const { values, positionals } = parse(own);
  const [base, head, ...more] = positionals;
  const help = values.help ?? false;
  if (base === undefined && !help) throw new UsageError("compare needs a commit to compare with.");
  if (more.length > 0)
    throw new UsageError(`compare takes two commits at most, got: ${positionals.join(" ")}`);
  const only = values.only ?? (given.length === 0 ? DEFAULT_ONLY : undefined);
  return {
    help,
    base: base ?? "",
    head,
    bench: [...(given.length === 0 ? DEFAULT_BENCH : given), ...(only === undefined ? [] : ["--only", only])],
    passes: positive("--passes", values.passes, Number.isInteger) ?? DEFAULT_PASSES,
    tolerance: (positive("--tolerance", values.tolerance, Number.isFinite) ?? DEFAULT_TOLERANCE_PCT) / 100,
    check: values.check ?? false,
    json: values.json ?? false,
  };
}

function parse(argv: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
