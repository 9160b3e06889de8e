import { readFileSync } from "node:fs";

let version: string | undefined;

/** The version of this package; undefined where it was bundled into something else. */
export function ownVersion(): string | undefined {
  return (version ??= read());
}

function read(): string | undefined {
  try {
    const file = new URL("../../package.json", import.meta.url);
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  } catch {
    return undefined;
  }
}
