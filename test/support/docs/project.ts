import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { natsServerPath } from "@shoal/mesh/testing";
import { natsCliPath } from "../nats-cli.ts";
import { inRepository } from "../repository.ts";

/** Settings that a newcomer's shell has not. */
const OF_THE_TESTS =
  /^(VITEST|NATS_|SHOAL_|NODE_(OPTIONS|ENV|PATH)|FORCE_COLOR$|NO_COLOR$|DEV$|PROD$|MODE$|TEST$)/;

/** Packages are their sources for vitest, too, and a busy machine has its time. */
const VITEST_CONFIG = `
  const conditions = ["shoal-source", "node", "import", "module", "default"];
  export default {
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: { testTimeout: 25_000 },
  };
`;

/** A newcomer's folder, and the environment of a shell in it. */
export interface Project extends Disposable {
  directory: string;
  env: NodeJS.ProcessEnv;
  /** What is really run for a command of the page. */
  rewrite: (command: string) => string;
}

/**
 * A folder outside the repository with nothing in it, and a PATH on which `node` is this Node, `nats` is the NATS
 * command, and `npx` runs only what the folder has installed (with `npx: "npm"` it is npm's own).
 */
export function emptyProject({ npx }: { npx?: "npm" } = {}): Project {
  const root = mkdtempSync(join(tmpdir(), "shoal-docs-"));
  const directory = join(root, "project");
  const bin = join(root, "bin");
  mkdirSync(directory);
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "node"));
  symlinkSync(natsCliPath(), join(bin, "nats"));
  if (npx !== "npm") writeProgram(join(bin, "npx"), `name=$1; shift; exec ./node_modules/.bin/"$name" "$@"`);
  return {
    directory,
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_THE_TESTS.test(name))),
      PATH: [bin, process.env["PATH"]].join(delimiter),
      // No context of the person who runs the tests.
      XDG_CONFIG_HOME: join(root, "config"),
      SHOAL_NATS_SERVER: natsServerPath(),
      LANG: "C.UTF-8",
    },
    rewrite: (command) => command,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A project that has this repository's packages installed, as their sources. */
export function workspaceProject(): Project {
  const project = emptyProject();
  const { directory, env } = project;
  const modules = join(directory, "node_modules");
  for (const name of ["mesh", "agents", "node"])
    link(inRepository("packages", name), join(modules, "@shoal", name));
  for (const name of ["ai", "zod", "@opentelemetry/sdk-node"])
    link(inRepository("packages/node/node_modules", name), join(modules, name));
  link(inRepository("node_modules/@types"), join(modules, "@types"));
  mkdirSync(join(modules, ".bin"));
  link(inRepository("node_modules/vitest"), join(modules, "vitest"));
  writeProgram(join(modules, ".bin/vitest"), `exec node ./node_modules/vitest/vitest.mjs "$@"`);
  writeFileSync(join(directory, "vitest.config.mjs"), VITEST_CONFIG);
  writeProgram(join(modules, ".bin/shoal"), `exec node '${inRepository("packages/node/src/bin.ts")}' "$@"`);
  writeFileSync(join(directory, "package.json"), JSON.stringify({ private: true, type: "module" }));
  env["NODE_OPTIONS"] = "--conditions=shoal-source";
  // Hundreds of processes load the same sources: where Node keeps such things anyway.
  env["NODE_COMPILE_CACHE"] = join(tmpdir(), "node-compile-cache");
  return project;
}

export function writeFiles({ directory }: Project, files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

function writeProgram(path: string, line: string): void {
  writeFileSync(path, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o755);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}
