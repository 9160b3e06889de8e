import { resolveAgents } from "../config/agents.ts";
import { loadConfig } from "../config/load.ts";
import { ConfigError } from "../config/problem.ts";
import { ExitCode } from "../exit-code.ts";
import { paint, print, printJson, table } from "./output.ts";

export async function check(path: string | undefined, { json = false }: { json?: boolean }): Promise<void> {
  try {
    const loaded = await loadConfig(path);
    const hosted = await resolveAgents(loaded);
    const agents = hosted.map(({ agent, replicas }) => ({
      name: agent.contract.name,
      version: agent.contract.version,
      replicas,
      concurrency: agent.concurrency ?? 1,
      methods: Object.keys(agent.contract.methods),
    }));
    if (json) return printJson({ ok: true, file: loaded.file ?? null, agents });
    print(
      table(agents, [
        { title: "AGENT", value: ({ name }) => name },
        { title: "VERSION", value: ({ version }) => version },
        { title: "REPLICAS", value: ({ replicas }) => replicas },
        { title: "SLOTS", value: ({ concurrency }) => concurrency },
        { title: "METHODS", value: ({ methods }) => methods.join(", ") },
      ]),
    );
    print(
      `\n${paint("green", "ok")}  ${loaded.file ?? "no configuration here: these agents come with Shoal"}`,
    );
  } catch (error) {
    if (!json || !(error instanceof ConfigError)) throw error;
    printJson({ ok: false, problems: error.problems });
    process.exitCode = ExitCode.usage;
  }
}
