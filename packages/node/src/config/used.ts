import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Agent, nearest } from "@shoal/mesh";
import { existingFile, importFile, importPackage, isPath, moduleUrl } from "./agent-module.ts";

type Module = Readonly<Record<string, unknown>>;
/** What is wanted of a value; undefined when it has none. */
type Read<T> = (value: unknown) => T | undefined;

/** The agents that come with Shoal, by name; loaded when they are asked for. */
export async function builtIn(): Promise<Readonly<Record<string, Agent>>> {
  const { agents } = await import("@shoal/agents");
  return agents;
}

/** What is looked for in a module, for messages. */
export interface Wanted {
  readonly noun: string;
  /** How one is written. */
  readonly example: string;
}

const AGENT: Wanted = { noun: "agent", example: "export const … = defineAgent({…})" };

/**
 * What `use` names: an agent that comes with Shoal, a module's exports or one of them, or a package's.
 * Undefined for a name that nobody has.
 * @throws Error that says what is wrong, and what may be meant
 */
export async function findUsed<T>(
  use: string,
  directory: string,
  read: Read<T>,
  wanted: Wanted = AGENT,
): Promise<T[] | undefined> {
  const { where, pick } = parse(use, directory);
  if (!isPath(where)) {
    const agents = await builtIn();
    const known = Object.hasOwn(agents, where) ? read(agents[where]) : undefined;
    if (known && pick === undefined) return [known];
    if (known) throw new Error(`"${where}" comes with Shoal and is one agent: leave "#${pick}" out`);
  }
  const module = isPath(where) ? await load(where, directory) : await importNamed(where, directory);
  return module && pickFrom(module, { use, pick, read, wanted });
}

/** Where what `use` names is imported from, also by another thread. */
export async function sourceOf(
  use: string,
  directory: string,
): Promise<{ module: string; export: string | undefined }> {
  const { where, pick } = parse(use, directory);
  return { module: await moduleUrl(where, directory), export: pick };
}

/** `where#export`; a file's own name may hold a `#`. */
function parse(use: string, directory: string): { where: string; pick: string | undefined } {
  const hash = use.lastIndexOf("#");
  if (hash < 0 || existsSync(resolve(directory, use))) return { where: use, pick: undefined };
  return { where: use.slice(0, hash), pick: use.slice(hash + 1) };
}

async function load(where: string, directory: string): Promise<Module> {
  const file = existingFile(where, directory);
  try {
    return await importFile(file);
  } catch (error) {
    throw new Error(`"${where}" cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
}

async function importNamed(name: string, directory: string): Promise<Module | undefined> {
  let module: Module | undefined;
  try {
    module = await importPackage(name, directory);
  } catch (error) {
    throw new Error(`"${name}" cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
  if (module) return module;
  if (existsSync(resolve(directory, name))) throw new Error(`a path begins with "./": write "./${name}"`);
  if (name.includes("/"))
    throw new Error(`there is no package "${name}" here: install it. A path begins with "./"`);
  return undefined;
}

function pickFrom<T>(
  module: Module,
  { use, pick, read, wanted }: { use: string; pick: string | undefined; read: Read<T>; wanted: Wanted },
): T[] {
  const exported = new Map<string, T>();
  for (const [name, value] of Object.entries(module)) {
    const wanted = read(value);
    if (wanted !== undefined) exported.set(name, wanted);
  }
  if (exported.size === 0) {
    throw new Error(`"${use}" exports no ${wanted.noun}: write \`${wanted.example}\``);
  }
  if (pick === undefined) return [...new Set(exported.values())];
  const chosen = exported.get(pick);
  if (chosen !== undefined) return [chosen];
  const names = [...exported.keys()];
  const [alike] = nearest(pick, names);
  throw new Error(
    `"${use}": there is no ${wanted.noun} among its exports called "${pick}"; ${alike === undefined ? `there is ${names.join(", ")}` : `did you mean "${alike}"?`}`,
  );
}
