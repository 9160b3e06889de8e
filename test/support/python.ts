import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { inRepository } from "./repository.ts";

/**
 * A Python that has the packages of `tools/setup/python-packages.txt`: `$SHOAL_PYTHON`, else what the set-up has made.
 * @throws Error when there is none
 */
export function pythonPath(): string {
  const given = process.env["SHOAL_PYTHON"];
  if (given) return given;
  const made = inRepository(".toolchain/python/bin/python");
  if (existsSync(made)) return made;
  throw new Error(
    "these tests need the Python packages of tools/setup/python-packages.txt, and there is no Python that has them: " +
      "install Python 3.11 or later with venv, and run `npm run setup`, or set SHOAL_PYTHON.",
  );
}

/** A program that one of those packages brings. */
export function pythonTool(name: string): string {
  return join(dirname(pythonPath()), name);
}
