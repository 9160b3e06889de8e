import { existsSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { nearest } from "@shoal/mesh";
import type { z } from "zod";
import { withEnvironment } from "./environment.ts";
import { ConfigError, type Problem } from "./problem.ts";
import { type Config, configSchema, isAgentLike } from "./schema.ts";
import { type Source, readYaml } from "./source.ts";

/** Looked for in the current directory, in this order. */
export const CONFIG_FILES: readonly string[] = [
  "shoal.yaml",
  "shoal.yml",
  "shoal.config.ts",
  "shoal.config.js",
  "shoal.config.mjs",
];

/** A checked configuration, and where it came from: paths in it are relative to `directory`. */
export interface Loaded {
  config: Config;
  /** Undefined when there is no file: the agents that come with Shoal are served. */
  file: string | undefined;
  directory: string;
}

/**
 * Loads and checks a configuration.
 * @param path a configuration, or a module that exports agents; undefined looks in the current directory
 * @throws ConfigError with every mistake at once
 */
export async function loadConfig(
  path: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Loaded> {
  const file = path === undefined ? findConfig(process.cwd()) : existing(path);
  const source = file === undefined ? builtIn() : await readSource(file);
  const checked = configSchema.safeParse(withEnvironment(source, env));
  if (!checked.success)
    throw new ConfigError(checked.error.issues.flatMap((issue) => problemsOf(issue, source)));
  return { config: checked.data, file, directory: file === undefined ? process.cwd() : dirname(file) };
}

function findConfig(directory: string): string | undefined {
  return CONFIG_FILES.map((name) => resolve(directory, name)).find((file) => existsSync(file));
}

function existing(path: string): string {
  const file = resolve(path);
  if (existsSync(file) && statSync(file).isFile()) return file;
  const inside = existsSync(file) ? findConfig(file) : undefined;
  if (inside !== undefined) return inside;
  throw new ConfigError([
    {
      file: path,
      path: "",
      message: `no such configuration. Write one with \`shoal init\`, or name another.`,
    },
  ]);
}

function builtIn(): Source {
  return {
    file: "(built in)",
    value: { agents: ["echo", "reader", "summarizer", "keywords"] },
    placeOf: () => undefined,
  };
}

async function readSource(file: string): Promise<Source> {
  if ([".yaml", ".yml", ".json"].includes(extname(file))) return readYaml(file);
  const placeOf = (): undefined => undefined;
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw new ConfigError([{ file, path: "", message: `cannot be loaded: ${(error as Error).message}` }]);
  }
  // A module of agents is a configuration that serves them.
  if (Object.values(module).some(isAgentLike)) return { file, value: { agents: [file] }, placeOf };
  if (module["default"] === undefined) {
    const message =
      "exports neither a configuration (`export default defineConfig({…})`) nor an agent (`defineAgent`)";
    throw new ConfigError([{ file, path: "", message }]);
  }
  return { file, value: module["default"], placeOf };
}

function problemsOf(issue: z.core.$ZodIssue, { file, placeOf }: Source): Problem[] {
  const at = (path: readonly PropertyKey[], message: string): Problem => ({
    file,
    ...placeOf(path),
    path: pathText(path),
    message,
  });
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const alike = nearest(key, knownKeys(issue.path));
      const hint =
        alike.length > 0 ? `did you mean "${alike[0]}"?` : `known here: ${knownKeys(issue.path).join(", ")}.`;
      return at([...issue.path, key], `unknown setting; ${hint}`);
    });
  }
  if (issue.code === "invalid_union") {
    // The branch that understood most of it says most about what is wrong.
    const branches = issue.errors.filter((errors) =>
      errors.some(({ path }) => path.length > 0 || "keys" in errors),
    );
    const best =
      branches.sort((a, b) => a.length - b.length)[0] ?? issue.errors.find((errors) => hasKeys(errors));
    if (best) {
      return best.flatMap((inner) =>
        problemsOf(
          { ...inner, path: [...issue.path, ...inner.path] },
          {
            file,
            placeOf,
            value: undefined,
          },
        ),
      );
    }
    return [at(issue.path, "write an agent's name, a path, or { use: …, concurrency: … }")];
  }
  return [at(issue.path, issue.message)];
}

function hasKeys(errors: readonly z.core.$ZodIssue[]): boolean {
  return errors.some(({ code }) => code === "unrecognized_keys");
}

const KEYS = {
  root: ["root", "node", "nats", "processes", "drainTimeout", "log", "agents"],
  nats: ["servers", "user", "pass", "token", "creds", "nkey", "context", "inboxPrefix", "tls"],
  tls: ["caFile", "certFile", "keyFile", "handshakeFirst"],
  log: ["level"],
  agents: ["use", "name", "concurrency", "mailbox", "replicas"],
} as const;

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const place = path.findLast((key) => typeof key === "string") ?? "root";
  return KEYS[place as keyof typeof KEYS] ?? [];
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === "number" ? `[${key}]` : `${i ? "." : ""}${String(key)}`))
    .join("");
}
