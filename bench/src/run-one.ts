import type { Benchmark, Outcome } from "./benchmark.ts";
import { catalogue } from "./catalogue.ts";
import { disturbedBy, inspectMachine, inspectVersions } from "./machine.ts";
import { UsageError, type Options } from "./options.ts";
import { renderTable, targetTable } from "./report.ts";
import { inspectCommit } from "./results/commit.ts";
import { keep } from "./results/folder.ts";
import type { Recorded } from "./results/record.ts";
import { startServer } from "./server.ts";

/**
 * Runs one benchmark and prints what it found.
 * @param argv the arguments, as they were typed
 * @returns an exit code
 */
export async function runOne(name: string, options: Options, argv: readonly string[]): Promise<number> {
  const load = catalogue.get(name)?.load;
  if (load === undefined) throw new UsageError(`No benchmark is called "${name}".`);
  const benchmark = await load();
  const date = new Date().toISOString();
  const commit = inspectCommit();

  const before = await inspectMachine();
  if (before.warning !== null) progress(`warning: ${before.warning}`);
  const outcome = await measured(benchmark, options);

  const { packages, othersShare, ...found } = outcome;
  const record: Recorded = {
    bench: name,
    command: commandOf(argv),
    date,
    commit,
    machine: disturbedBy(before, othersShare),
    versions: inspectVersions(packages),
    ...found,
  };
  print(reportOf(record));
  if (options.write) progress(`written: ${keep(record, [...catalogue.keys()])}`);
  if (options.json) {
    const { machine, versions, rows, targets } = record;
    print(JSON.stringify({ bench: name, machine, versions, rows, targets }));
  }
  return options.check && outcome.targets.some(({ ok }) => !ok) ? 1 : 0;
}

async function measured(benchmark: Benchmark, options: Options): Promise<Outcome> {
  await using stack = new AsyncDisposableStack();
  return await benchmark.run({
    options,
    progress,
    server: async (serverOptions) => stack.use(await startServer(serverOptions)),
  });
}

function reportOf({ bench, machine, versions, tables, targets, notes }: Recorded): string {
  const about = [
    `${bench}: ${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB, ${machine.os}`,
    Object.entries(versions)
      .map((entry) => entry.join(" "))
      .join(", "),
  ];
  if (machine.warning !== null) about.push(`WARNING: ${machine.warning}`);
  const shown = [...tables, targetTable(targets)].map(renderTable);
  return [about.join("\n"), ...shown, notes.map((note) => `* ${note}`).join("\n")].join("\n\n");
}

/** What to type to have it again; where the figures go is no part of it. */
function commandOf(argv: readonly string[]): string {
  return [
    "npm run bench --",
    ...argv.filter((word) => !["--write", "--json", "--check"].includes(word)),
  ].join(" ");
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
