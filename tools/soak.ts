/**
 * A long run: steady mixed load on real processes, with faults, everything counted and measured. Progress on standard
 * error, tables or JSON on standard output. See docs/long-runs.md.
 *
 *     npm run soak -- 10m
 */
import { MeshError, messageOf } from "../packages/mesh/src/errors.ts";
import { HELP, type SoakCommand, type SoakOptions, parseCommand } from "../test/soak/options.ts";
import { progressLine, report } from "../test/soak/report.ts";
import { type Progress, Soak } from "../test/soak/soak.ts";

const TELL_EVERY_MS = 5_000;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  // Leave by the usual way, so that the server and all processes end.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  try {
    const command = parseCommand(argv, Date.now() % 1_000_000_000);
    if (command.help) process.stdout.write(HELP);
    return command.help ? 0 : await run(command);
  } catch (error) {
    const isUsage = error instanceof MeshError && error.code === "bad_request";
    process.stderr.write(isUsage ? `${error.message}\n\n${HELP}` : `it cannot go on: ${messageOf(error)}\n`);
    return isUsage ? 2 : 1;
  }
}

async function run({ json, ...options }: SoakCommand): Promise<number> {
  process.stderr.write(`seed ${options.seed}\n`);
  const soak = await Soak.begin(options);
  try {
    const outcome = await soak.run(teller());
    process.stdout.write(`${json ? JSON.stringify(outcome) : report(outcome)}\n`);
    if (outcome.problems.length === 0) return 0;
    process.stderr.write(`again with: npm run soak -- ${wordsOf(options)}\n`);
    return 1;
  } finally {
    await soak[Symbol.asyncDispose]();
  }
}

function wordsOf({ durationMs, seed, rate, faults }: SoakOptions): string {
  return `${durationMs}ms --seed ${seed} --rate ${rate}${faults ? "" : " --no-faults"}`;
}

/** Tells how it stands from time to time, and what goes wrong at once: when it happened says much. */
function teller(): (progress: Progress) => void {
  let toldAt = 0;
  let told = 0;
  return (progress) => {
    for (const problem of progress.problems.slice(told)) process.stderr.write(`${problem}\n`);
    told = Math.max(told, progress.problems.length);
    if (progress.elapsedMs - toldAt < TELL_EVERY_MS) return;
    toldAt = progress.elapsedMs;
    process.stderr.write(`${progressLine(progress)}\n`);
  };
}
