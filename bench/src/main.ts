import { runAll } from "./all.ts";
import { catalogue, help } from "./catalogue.ts";
import { compare } from "./compare/compare.ts";
import { parseOptions, UsageError } from "./options.ts";
import { writePage } from "./results/folder.ts";
import { runOne } from "./run-one.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  // Exit by the usual way, so that the handlers that stop nats-server and clean up run.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  try {
    if (argv[0] === "compare") return await compare(argv.slice(1));
    const options = parseOptions(argv);
    if (options.help) {
      process.stdout.write(help());
      return 0;
    }
    const { name = "all" } = options;
    if (name === "page") {
      process.stderr.write(`written: ${writePage([...catalogue.keys()])}\n`);
      return 0;
    }
    if (name === "all")
      return await runAll(
        options,
        argv.filter((word) => word !== options.name),
      );
    return await runOne(name, options, argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${help()}`);
    return 2;
  }
}
