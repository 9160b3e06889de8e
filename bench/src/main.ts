import { disturbedBy, inspectMachine, inspectVersions } from "./machine.ts";
import { parseOptions, UsageError, type Options } from "./options.ts";
import { renderTable, targetTable } from "./report.ts";
import { catalogue, help } from "./catalogue.ts";
import { startServer } from "./server.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  // Exit by the usual way, so that the handlers that stop nats-server run.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  try {
    const options = parseOptions(argv);
    if (options.help) {
      process.stdout.write(help());
      return 0;
    }
    return await runBenchmark(options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${help()}`);
    return 2;
  }
}

async function runBenchmark(options: Options): Promise<number> {
  const { name } = options;
  if (name === undefined) throw new UsageError("Which benchmark?");
  const load = catalogue.get(name)?.load;
  if (load === undefined) throw new UsageError(`No benchmark is called "${name}".`);
  const benchmark = await load();

  const before = await inspectMachine();
  if (before.warning !== null) progress(`warning: ${before.warning}`);

  await using stack = new AsyncDisposableStack();
  const outcome = await benchmark.run({
    options,
    progress,
    server: async (serverOptions) => stack.use(await startServer(serverOptions)),
  });
  const machine = disturbedBy(before, outcome.othersShare);
  const versions = inspectVersions(outcome.packages);

  const about = [
    `${name}: ${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB, ${machine.os}`,
    Object.entries(versions)
      .map((entry) => entry.join(" "))
      .join(", "),
  ];
  if (machine.warning !== null) about.push(`WARNING: ${machine.warning}`);
  const tables = [...outcome.tables, targetTable(outcome.targets)].map(renderTable);
  print([about.join("\n"), ...tables, outcome.notes.map((note) => `* ${note}`).join("\n")].join("\n\n"));
  if (options.json) {
    const { rows, targets } = outcome;
    print(JSON.stringify({ bench: name, machine, versions, rows, targets }));
  }
  return options.check && outcome.targets.some(({ ok }) => !ok) ? 1 : 0;
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
