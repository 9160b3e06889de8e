import { extname } from "node:path";
import { importFile } from "./agent-module.ts";
import { ConfigError } from "./problem.ts";
import { isAgentLike } from "./agent-like.ts";

export interface Place {
  line: number;
  column: number;
}

/** A configuration as it was read, and where in the file each part of it stands. */
export interface Source {
  /** Undefined when there is none: the agents that come with Shoal. */
  file: string | undefined;
  value: unknown;
  placeOf: (path: readonly PropertyKey[]) => Place | undefined;
}

/** @throws ConfigError for a file that cannot be read or loaded */
export async function readSource(file: string | undefined): Promise<Source> {
  const placeOf = (): undefined => undefined;
  if (file === undefined) {
    return { file, value: { agents: ["echo", "reader", "summarizer", "keywords"] }, placeOf };
  }
  if ([".yaml", ".yml", ".json"].includes(extname(file))) {
    // The parser of YAML is not loaded for those who write none.
    const { readYaml } = await import("./yaml-source.ts");
    return readYaml(file);
  }
  return { file, value: valueOf(file, await moduleOf(file)), placeOf };
}

async function moduleOf(file: string): Promise<Record<string, unknown>> {
  try {
    return await importFile(file);
  } catch (error) {
    throw new ConfigError([{ file, path: "", message: `cannot be loaded: ${(error as Error).message}` }]);
  }
}

/** A configuration that is exported wins; else a module of agents is a configuration that serves them. */
function valueOf(file: string, module: Record<string, unknown>): unknown {
  const chosen = module["default"];
  if (chosen !== undefined && !isAgentLike(chosen)) return chosen;
  const agents = [...new Set(Object.values(module).filter(isAgentLike))];
  if (agents.length > 0) return { agents };
  const message =
    "exports neither a configuration (`export default defineConfig({…})`) nor an agent (`export const … = defineAgent({…})`)";
  throw new ConfigError([{ file, path: "", message }]);
}
