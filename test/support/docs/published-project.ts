import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Project, emptyProject } from "./project.ts";
import { inRepository } from "../repository.ts";
import type { Tarball } from "../tarballs.ts";

const NPM_SETTINGS = { audit: "false", fund: "false", update_notifier: "false", prefer_offline: "true" };

/** An empty folder in which `npm install @shoal/…` installs the packages as they would be published. */
export function publishedProject(tarballs: readonly Tarball[], options?: { npx: "npm" }): Project {
  const project = emptyProject(options);
  for (const [name, value] of Object.entries(NPM_SETTINGS)) project.env[`npm_config_${name}`] = value;
  const paths = tarballs.map(({ path }) => `'${path}'`).join(" ");
  return {
    ...project,
    // All of them at once: they need each other, and no registry has them.
    rewrite: (command) => command.replace(/^npm install( @shoal\/\S+)+/, `npm install ${paths}`),
  };
}

/** The compiler wants Node's own types beside the packages. */
export function linkNodeTypes({ directory }: Project): void {
  symlinkSync(inRepository("node_modules/@types"), join(directory, "node_modules/@types"));
}
