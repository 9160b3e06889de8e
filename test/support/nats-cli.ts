import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { inRepository } from "./repository.ts";

/** `$SHOAL_NATS_CLI`, then PATH, then the repository's own tool chain. @throws Error when there is none */
export function natsCliPath(): string {
  const given = process.env["SHOAL_NATS_CLI"];
  if (given) return given;
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter).filter(Boolean),
    inRepository(".toolchain/bin"),
  ];
  const found = folders.map((folder) => join(folder, "nats")).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    "these tests need the `nats` command and found none: set SHOAL_NATS_CLI, or put it on PATH or in .toolchain/bin.",
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
