import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inRepository } from "../repository.ts";
import type { Project } from "./project.ts";
import { run } from "./shell.ts";

const GIVE_UP_MS = 100_000;

/** What the compiler has to say about a project's files, as strict as this repository is with its own. */
export async function typeCheck(project: Project, customConditions: string[]): Promise<string> {
  const compilerOptions = {
    composite: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    noEmit: true,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    customConditions,
  };
  const config = { extends: inRepository("tsconfig.base.json"), compilerOptions, include: ["**/*.ts"] };
  writeFileSync(join(project.directory, "tsconfig.json"), JSON.stringify(config));
  const tsc = `'${inRepository("node_modules/.bin/tsc")}' -p . --pretty false`;
  const { output, exitCode } = await run(tsc, project, GIVE_UP_MS);
  if (exitCode === null) throw new Error(`the compiler did not end within ${GIVE_UP_MS} ms\n${output}`);
  return output;
}
