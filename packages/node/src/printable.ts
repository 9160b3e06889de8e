import { stripVTControlCharacters } from "node:util";

/** Somebody else's text must not control the terminal. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\n\t]/gu, "");
}
