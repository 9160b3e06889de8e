import { type Agent, type Contract, defineContract, nearest } from "@shoal/mesh";
import { type AgentLike, isAgentLike } from "./agent-like.ts";
import { withCaches } from "./cached-contract.ts";
import { isKindName, KIND_NAMES } from "./kind-names.ts";
import { EntryMistakes, makeOfKind } from "./kinds.ts";
import type { Mistake } from "./mistakes.ts";
import { type AgentEntry, agentSchema } from "./schema.ts";
import { builtIn, findUsed, sourceOf } from "./used.ts";
import { inWorker } from "../worker/in-worker.ts";

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
    const path = ["agents", index];
    if (!entry.success) {
      mistakes.push(...kindMeant(raw).map((message) => ({ path: [...path, "use"], message })));
      continue;
    }
    try {
      for (const each of await resolveEntry(entry.data, directory)) {
        const { name } = each.agent.contract;
        const first = places.get(name);
        if (first === undefined) hosted.push(each);
        else mistakes.push({ path, message: duplicate(name, first) });
        places.set(name, first ?? index);
      }
    } catch (error) {
      const found =
        error instanceof EntryMistakes ? error.mistakes : [{ path: [], message: messageOf(error) }];
      mistakes.push(...found.map((each) => ({ ...each, path: [...path, ...each.path] })));
    }
  }
  return { hosted, mistakes };
}

/** Settings that are unknown may be those of a kind whose name is written otherwise. */
function kindMeant(raw: unknown): string[] {
  const use = typeof raw === "object" && raw !== null ? (Reflect.get(raw, "use") as unknown) : undefined;
  if (typeof use !== "string" || KIND_NAMES.includes(use)) return [];
  return nearest(use, [...KIND_NAMES]).map(
    (kind) => `there is no kind called "${use}"; did you mean "${kind}"?`,
  );
}

function duplicate(name: string, first: number): string {
  return `agents[${first}] is called "${name}" already: rename one with \`name\`, or ask for more of it with \`replicas\``;
}

async function resolveEntry(entry: AgentEntry | AgentLike, directory: string): Promise<Hosted[]> {
  if (isAgentLike(entry)) return [{ agent: entry as Agent, replicas: 1 }];
  const { use, name, replicas = 1, worker = false, cache } = entry;
  const found = isKindName(use)
    ? [await makeOfKind(entry, directory)]
    : await findUsed(use, directory, agentIn);
  if (!found) throw await nobodyCalled(use);
  if (name !== undefined && found.length > 1) {
    const names = found.map(({ contract }) => contract.name).join(", ");
    throw new Error(
      `"${use}" has several agents (${names}): pick one with "${use}#export" to name it "${name}"`,
    );
  }
  if (cache !== undefined && found.length > 1)
    throw new Error(
      `"${use}" has several agents: pick one with "${use}#export" to say which methods it caches`,
    );
  const thread = worker ? await sourceOf(use, directory) : undefined;
  return found.map((agent) => ({
    replicas,
    agent: {
      ...(thread ? inWorker(agent, thread) : agent),
      ...behaviourIn(entry),
      contract: contractIn(agent, entry),
    },
  }));
}

function contractIn({ contract }: Agent, { name, cache }: AgentEntry): Contract {
  const cached = cache === undefined ? contract : withCaches(contract, cache);
  if (name === undefined && cached === contract) return contract;
  return defineContract({ ...cached, name: name ?? contract.name });
}

/** What the entry says wins over the agent's own. */
function behaviourIn(entry: AgentEntry): Partial<Agent> {
  const { concurrency, mailbox, rateLimit, callerRateLimit, onFailure } = entry;
  const said = Object.entries({ concurrency, mailbox, rateLimit, callerRateLimit, onFailure });
  return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}

function agentIn(value: unknown): Agent | undefined {
  return isAgentLike(value) ? (value as Agent) : undefined;
}

async function nobodyCalled(name: string): Promise<Error> {
  const names = [...Object.keys(await builtIn()), ...KIND_NAMES];
  const [alike] = nearest(name, names);
  const hint =
    alike === undefined
      ? `Shoal has ${names.join(", ")}; a path begins with "./"`
      : `did you mean "${alike}"?`;
  return new Error(`no agent that comes with Shoal and no package is called "${name}"; ${hint}`);
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
