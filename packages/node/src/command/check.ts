import { type Concurrency, concurrencyText } from "@shoal/mesh";
import { type Loaded, loadConfig } from "../config/load.ts";
import { namesIn } from "../config/trees.ts";
import { ConfigError } from "../config/problem.ts";
import { ExitCode } from "../exit-code.ts";
import { report } from "./failure.ts";
import { paint, print, printJson, table } from "./output.ts";

export async function check(path: string | undefined, { json = false }: { json?: boolean }): Promise<void> {
  const code = await tell(path, json);
  // What an agent's module has opened does not keep this command: whatever was printed is flushed first.
  process.stdout.write("", () => process.exit(code));
}

async function tell(path: string | undefined, json: boolean): Promise<ExitCode> {
  try {
    const loaded = await loadConfig(path);
    if (json) printJson({ ok: true, file: loaded.file ?? null, agents: agentsOf(loaded) });
    else printTable(loaded);
    return ExitCode.ok;
  } catch (error) {
    if (!json || !(error instanceof ConfigError)) {
      return report(error, { verbose: process.argv.includes("--verbose") });
    }
    printJson({ ok: false, problems: error.problems });
    return ExitCode.usage;
  }
}

interface CheckedAgent {
  name: string;
  version: string;
  replicas: number;
  concurrency: Concurrency;
  methods: string[];
  /** Of a supervisor: whom it asks, in order. */
  supervises?: readonly string[] | undefined;
  /** Of a pipeline: its stages, in order. */
  stages?: readonly string[] | undefined;
  /** The supervision tree that it is in. */
  tree?: string | undefined;
}

function agentsOf({ hosted, trees }: Loaded): CheckedAgent[] {
  return hosted.map(({ agent: { contract, concurrency = 1, supervises, pipeline }, replicas }) => ({
    name: contract.name,
    version: contract.version,
    replicas,
    concurrency,
    methods: Object.keys(contract.methods),
    supervises,
    stages: pipeline?.stages,
    tree: trees.find((tree) => namesIn(tree).includes(contract.name))?.name,
  }));
}

function printTable(loaded: Loaded): void {
  const agents = agentsOf(loaded);
  const hasTrees = agents.some(({ tree }) => tree !== undefined);
  const hasSupervisors = agents.some(({ supervises }) => supervises);
  const hasPipelines = agents.some(({ stages }) => stages);
  print(
    table(agents, [
      { title: "AGENT", value: ({ name }) => name },
      { title: "VERSION", value: ({ version }) => version },
      { title: "REPLICAS", value: ({ replicas }) => replicas },
      {
        title: "SLOTS",
        value: ({ concurrency }) =>
          typeof concurrency === "number" ? concurrency : concurrencyText(concurrency),
      },
      { title: "METHODS", value: ({ methods }) => methods.join(", ") },
      ...(hasSupervisors
        ? [{ title: "SUPERVISES", value: ({ supervises = [] }: CheckedAgent) => supervises.join(" → ") }]
        : []),
      ...(hasPipelines
        ? [{ title: "STAGES", value: ({ stages = [] }: CheckedAgent) => stages.join(" → ") }]
        : []),
      ...(hasTrees ? [{ title: "TREE", value: ({ tree = "" }: CheckedAgent) => tree }] : []),
    ]),
  );
  print(`\n${paint("green", "ok")}  ${loaded.file ?? "no configuration here: these agents come with Shoal"}`);
}
