import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Tree } from "@shoal/mesh";
import { type Hosted, resolveAgents } from "./agents.ts";
import { type Mistake, mistakesIn } from "./mistakes.ts";
import { type Override, fromEnvironment, withOverrides } from "./overrides.ts";
import { ConfigError, type Problem, pathText } from "./problem.ts";
import { type Config, configSchema } from "./schema.ts";
import { type Source, readSource } from "./source.ts";
import { resolvePipelines } from "./pipelines.ts";
import { namesWritten, resolveSupervisors } from "./supervisors.ts";
import { resolveTrees } from "./trees.ts";

/** Looked for in the current directory, in this order. */
const CONFIG_FILES: readonly string[] = [
  "shoal.yaml",
  "shoal.yml",
  "shoal.config.ts",
  "shoal.config.js",
  "shoal.config.mjs",
];

/** A checked configuration with its agents, and where it came from. */
export interface Loaded {
  config: Config;
  hosted: readonly Hosted[];
  /** Some of these agents, to be served together. */
  trees: readonly Tree[];
  /** Undefined when there is no file: the agents that come with Shoal are served. */
  file: string | undefined;
}

/**
 * Loads and checks a configuration, and loads the agents that it names.
 * @param path a configuration, a directory that holds one, or a module that exports agents; undefined looks in the
 *   current directory
 * @param overrides settings that win over the file's; of two for one setting the later. Default: the environment's
 * @throws ConfigError with every mistake at once
 */
export async function loadConfig(
  path?: string,
  overrides: readonly Override[] = fromEnvironment(process.env),
): Promise<Loaded> {
  const file = path === undefined ? findConfig(process.cwd()) : existing(path);
  const source = await readSource(file);
  const value = withOverrides(source.value, overrides);
  const checked = configSchema.safeParse(value);
  const written: Written = typeof value === "object" && value !== null ? value : {};
  const directory = file === undefined ? process.cwd() : dirname(file);
  const agents = await resolveAgents(written.agents, directory);
  const isIncomplete = agents.mistakes.length > 0;
  const supervisorNames = namesWritten(written.supervisors);
  const around = { hosted: agents.hosted, supervisors: supervisorNames, directory, isIncomplete };
  const pipelines = await resolvePipelines(written.pipelines, around);
  const below = [...agents.hosted, ...pipelines.hosted];
  const supervisors = await resolveSupervisors(written.supervisors, {
    hosted: below,
    directory,
    isIncomplete,
    broken: pipelines.broken,
  });
  const hosted = [...below, ...supervisors.hosted];
  const { trees, mistakes: treeMistakes } = resolveTrees(written.trees, hosted);
  // Of agents that could not be loaded nobody knows the names.
  const mistakes = [
    ...agents.mistakes,
    ...pipelines.mistakes,
    ...supervisors.mistakes,
    ...(isIncomplete || pipelines.broken.size > 0 ? [] : treeMistakes),
  ];
  if (!checked.success) mistakes.push(...mistakesIn(checked.error.issues, value));
  if (!checked.success || mistakes.length > 0) {
    throw new ConfigError(mistakes.map((mistake) => problemOf(mistake, source, overrides)).sort(byPlace));
  }
  return { config: checked.data, hosted, trees, file };
}

interface Written {
  agents?: unknown;
  pipelines?: unknown;
  supervisors?: unknown;
  trees?: unknown;
}

function findConfig(directory: string): string | undefined {
  return CONFIG_FILES.map((name) => resolve(directory, name)).find((file) => existsSync(file));
}

function existing(path: string): string {
  const file = resolve(path);
  const kind = statSync(file, { throwIfNoEntry: false });
  if (kind?.isFile()) return file;
  const inside = kind?.isDirectory() ? findConfig(file) : undefined;
  if (inside !== undefined) return inside;
  const message = kind
    ? `is a directory without a configuration (${CONFIG_FILES.join(", ")}); name a file, or write one with \`shoal init\``
    : "there is no such file; `shoal init` writes a small project";
  throw new ConfigError([{ file: path, path: "", message }]);
}

function problemOf(
  { path, message }: Mistake,
  { file = "(built in)", placeOf }: Source,
  overrides: readonly Override[],
): Problem {
  const said = overrides.findLast((each) => each.path.every((key, i) => path[i] === key));
  if (said) return { file: said.origin, path: pathText(path), message };
  return { file, ...placeOf(path), path: pathText(path), message };
}

function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
