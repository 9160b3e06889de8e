import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";
import { fromEnvironment } from "../../src/config/overrides.ts";
import { ConfigError } from "../../src/config/problem.ts";

/** Where the configurations of a test file are written. */
export const directory: string = realpathSync(mkdtempSync(join(tmpdir(), "shoal-config-")));
let serial = 0;
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));

export function yaml(text: string): string {
  const file = join(directory, `${++serial}.yaml`);
  writeFileSync(file, text);
  return file;
}

/** `line:column path: message`, one for each mistake. */
export async function mistakes(text: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const file = yaml(text);
  try {
    await loadConfig(file, fromEnvironment(env));
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ file: where, line, column, path, message }) => {
      const place = where === file ? `${line}:${column}` : where;
      return `${place} ${path}: ${message}`;
    });
  }
}
