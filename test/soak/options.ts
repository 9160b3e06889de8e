import { parseArgs } from "node:util";
import { MeshError, toMs } from "../../packages/mesh/src/index.ts";

export interface SoakOptions {
  /** From the first request until everything is at rest. */
  readonly durationMs: number;
  readonly seed: number;
  /** Requests a second, of all clients together. */
  readonly rate: number;
  /** Whether anything is done to the mesh. */
  readonly faults: boolean;
}

export interface SoakCommand extends SoakOptions {
  readonly json: boolean;
  readonly help: boolean;
}

export const HELP = `Usage: npm run soak -- [DURATION] [--seed N] [--rate N] [--no-faults] [--json]

Steady mixed load on a mesh of real processes whose nodes are killed, drained and stopped, whose network fails and whose
NATS server is restarted; then: has every request ended once, do the books agree, and is nothing left behind?

  DURATION      such as 60s, 10m (default) or 8h
  --seed N      makes the same choices as the run that told of it
  --rate N      requests a second (default 80)
  --no-faults   load alone
  --json        one JSON object on standard output

Examples:
  npm run soak
  npm run soak -- 60s --seed 4711
  npm run soak -- 8h --json > soak.json

Exit code: 0 when everything held, 1 when something did not, 2 for a wrong command line.
`;

const LEAST_MS = 20_000;
const DEFAULTS = { duration: "10m", rate: 80 };

/** Reads the command line. @throws MeshError `bad_request` that says what is wrong */
export function parseCommand(argv: readonly string[], seedNow: number): SoakCommand {
  const { values, positionals } = parse(argv);
  const [duration = DEFAULTS.duration, ...rest] = positionals;
  if (rest.length > 0) throw new MeshError("bad_request", `one duration is enough: ${rest.join(" ")}?`);
  const durationMs = toMs(duration, "the duration");
  if (durationMs < LEAST_MS)
    throw new MeshError("bad_request", `${duration} is too short: everything takes 20s at least.`);
  return {
    durationMs,
    seed: wholeNumber("--seed", values.seed) ?? seedNow,
    rate: wholeNumber("--rate", values.rate) ?? DEFAULTS.rate,
    faults: !values["no-faults"],
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

const FLAGS = {
  seed: { type: "string" },
  rate: { type: "string" },
  "no-faults": { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function parse(
  argv: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof FLAGS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true });
  } catch (error) {
    throw new MeshError("bad_request", (error as Error).message);
  }
}

function wholeNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new MeshError("bad_request", `${flag} needs a whole number from 1, not "${text}".`);
}
