import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { type Agent, defineContract, nearest } from "@shoal/mesh";
import { existingFile, importFile, importPackage } from "./agent-module.ts";
import type { Mistake } from "./mistakes.ts";
import { type AgentEntry, type AgentLike, agentSchema, isAgentLike } from "./schema.ts";

/** An agent to serve, and how often in each process. */
export interface Hosted {
  agent: Agent;
  replicas: number;
}

/** The agents that a configuration names, and every one that cannot be found or loaded. */
export async function resolveAgents(
  entries: unknown,
  directory: string,
): Promise<{ hosted: Hosted[]; mistakes: Mistake[] }> {
  const hosted: Hosted[] = [];
  const mistakes: Mistake[] = [];
  const places = new Map<string, number>();
  for (const [index, raw] of (Array.isArray(entries) ? entries : []).entries()) {
    // What is not even an entry has been told already.
    const entry = agentSchema.safeParse(raw);
    if (!entry.success) continue;
    const path = ["agents", index];
    try {
      for (const each of await resolveEntry(entry.data, directory)) {
        const { name } = each.agent.contract;
        const first = places.get(name);
        if (first === undefined) hosted.push(each);
        else mistakes.push({ path, message: duplicate(name, first) });
        places.set(name, first ?? index);
      }
    } catch (error) {
      mistakes.push({ path, message: (error as Error).message });
    }
  }
  return { hosted, mistakes };
}

function duplicate(name: string, first: number): string {
  return `agents[${first}] is called "${name}" already: rename one with \`name\`, or ask for more of it with \`replicas\``;
}

async function resolveEntry(entry: AgentEntry | AgentLike, directory: string): Promise<Hosted[]> {
  if (isAgentLike(entry)) return [{ agent: entry as Agent, replicas: 1 }];
  const { use, name, replicas = 1, concurrency, mailbox } = entry;
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
  const { where, pick } = parse(use, directory);
  const isPath = where.startsWith(".") || isAbsolute(where);
  if (!isPath) {
    const { agents } = await import("@shoal/agents");
    const builtIn = Object.hasOwn(agents, where) ? agents[where] : undefined;
    if (builtIn && pick === undefined) return [builtIn];
    if (builtIn) throw new Error(`"${where}" comes with Shoal and is one agent: leave "#${pick}" out`);
  }
  const module = isPath ? await load(where, directory) : await importNamed(where, directory);
  return pickFrom(module, use, pick);
}

/** `where#export`; a file's own name may hold a `#`. */
function parse(use: string, directory: string): { where: string; pick: string | undefined } {
  const hash = use.lastIndexOf("#");
  if (hash < 0 || existsSync(resolve(directory, use))) return { where: use, pick: undefined };
  return { where: use.slice(0, hash), pick: use.slice(hash + 1) };
}

async function load(where: string, directory: string): Promise<Record<string, unknown>> {
  const file = existingFile(where, directory);
  try {
    return await importFile(file);
  } catch (error) {
    throw new Error(`"${where}" cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
}

async function importNamed(name: string, directory: string): Promise<Record<string, unknown>> {
  let module: Record<string, unknown> | undefined;
  try {
    module = await importPackage(name, directory);
  } catch (error) {
    throw new Error(`"${name}" cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
  if (module) return module;
  if (existsSync(resolve(directory, name))) throw new Error(`a path begins with "./": write "./${name}"`);
  if (name.includes("/"))
    throw new Error(`there is no package "${name}" here: install it. A path begins with "./"`);
  const { agents } = await import("@shoal/agents");
  const [alike] = nearest(name, Object.keys(agents));
  const hint =
    alike === undefined
      ? `Shoal has ${Object.keys(agents).join(", ")}; a path begins with "./"`
      : `did you mean "${alike}"?`;
  throw new Error(`no agent that comes with Shoal and no package is called "${name}"; ${hint}`);
}

function pickFrom(module: Record<string, unknown>, use: string, pick: string | undefined): Agent[] {
  const exported = Object.entries(module).filter(([, value]) => isAgentLike(value));
  if (exported.length === 0) {
    throw new Error(`"${use}" exports no agent: write \`export const … = defineAgent({…})\``);
  }
  if (pick === undefined) return [...new Set(exported.map(([, agent]) => agent))] as Agent[];
  const chosen = exported.find(([name]) => name === pick);
  if (chosen) return [chosen[1] as Agent];
  const names = exported.map(([name]) => name);
  const [alike] = nearest(pick, names);
  throw new Error(
    `"${use}": there is no agent among its exports called "${pick}"; ${alike === undefined ? `there is ${names.join(", ")}` : `did you mean "${alike}"?`}`,
  );
}
