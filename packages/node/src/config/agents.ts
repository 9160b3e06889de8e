import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Agent, defineContract, nearest } from "@shoal/mesh";
import { ConfigError, type Problem } from "./problem.ts";
import { type AgentEntry, type AgentLike, isAgentLike } from "./schema.ts";
import type { Loaded } from "./load.ts";

/** An agent to serve, and how often in each process. */
export interface Hosted {
  agent: Agent;
  replicas: number;
}

/**
 * The agents that a configuration names.
 * @throws ConfigError with every agent that cannot be found or loaded
 */
export async function resolveAgents({ config, directory, file }: Loaded): Promise<Hosted[]> {
  const problems: Problem[] = [];
  const hosted: Hosted[] = [];
  for (const [index, entry] of config.agents.entries()) {
    try {
      hosted.push(...(await resolveEntry(entry, directory)));
    } catch (error) {
      problems.push({
        file: file ?? "(built in)",
        path: `agents[${index}]`,
        message: (error as Error).message,
      });
    }
  }
  problems.push(...duplicates(hosted, file ?? "(built in)"));
  if (problems.length > 0) throw new ConfigError(problems);
  return hosted;
}

async function resolveEntry(entry: string | AgentEntry | AgentLike, directory: string): Promise<Hosted[]> {
  if (isAgentLike(entry)) return [{ agent: entry as Agent, replicas: 1 }];
  const {
    use,
    name,
    replicas = 1,
    concurrency,
    mailbox,
  } = typeof entry === "string" ? { use: entry } : entry;
  const found = await find(use, directory);
  if (name !== undefined && found.length > 1) {
    const names = found.map(({ contract }) => contract.name).join(", ");
    throw new Error(
      `"${use}" has several agents (${names}): pick one with "${use}#export" to name it "${name}"`,
    );
  }
  return found.map((agent) => ({
    replicas,
    agent: {
      ...agent,
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(mailbox === undefined ? {} : { mailbox }),
      contract: name === undefined ? agent.contract : defineContract({ ...agent.contract, name }),
    },
  }));
}

async function find(use: string, directory: string): Promise<Agent[]> {
  const [where = "", pick] = use.split("#");
  const isPath = where.startsWith(".") || isAbsolute(where);
  if (!isPath && pick === undefined) {
    const { agents } = await import("@shoal/agents");
    const builtIn = agents[where];
    if (builtIn) return [builtIn];
    if (!where.includes("/") && !resolvable(where, directory)) {
      const alike = nearest(where, Object.keys(agents));
      const hint =
        alike.length > 0 ? `did you mean "${alike[0]}"?` : `there are ${Object.keys(agents).join(", ")}.`;
      throw new Error(
        `no agent "${where}" comes with Shoal, and no package has that name; ${hint} A path begins with "./"`,
      );
    }
  }
  return pickFrom(await load(where, directory, isPath), use, pick);
}

async function load(where: string, directory: string, isPath: boolean): Promise<Record<string, unknown>> {
  const path = resolve(directory, where);
  if (isPath && !existsSync(path)) throw new Error(`there is no file ${path}`);
  try {
    const url = pathToFileURL(isPath ? path : requireFrom(directory).resolve(where)).href;
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`"${where}" cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
}

function pickFrom(module: Record<string, unknown>, use: string, pick: string | undefined): Agent[] {
  if (pick !== undefined) {
    const chosen = module[pick];
    if (isAgentLike(chosen)) return [chosen as Agent];
    throw new Error(
      `"${use}": its export "${pick}" is no agent; it exports ${Object.keys(module).join(", ") || "nothing"}`,
    );
  }
  const all = [...new Set(Object.values(module).filter(isAgentLike))] as Agent[];
  if (all.length > 0) return all;
  throw new Error(`"${use}" exports no agent: export what \`defineAgent\` gives`);
}

function resolvable(name: string, directory: string): boolean {
  try {
    requireFrom(directory).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function requireFrom(directory: string): NodeJS.Require {
  return createRequire(join(directory, "package.json"));
}

function duplicates(hosted: readonly Hosted[], file: string): Problem[] {
  const byName = Map.groupBy(hosted, ({ agent }) => agent.contract.name);
  return [...byName]
    .filter(([, each]) => each.length > 1)
    .map(([name, each]) => ({
      file,
      path: "agents",
      message: `${each.length} agents are called "${name}": rename one with \`name\`, or ask for more with \`replicas\``,
    }));
}
