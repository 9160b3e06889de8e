import { fileURLToPath } from "node:url";
import { join } from "node:path";

/** The clone's own folder. */
export const REPOSITORY: string = fileURLToPath(new URL("../..", import.meta.url));

export function inRepository(...path: string[]): string {
  return join(REPOSITORY, ...path);
}
