import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { draw } from "../plot/draw.ts";
import { pictureOf, renderResults } from "./markdown.ts";
import type { Recorded } from "./record.ts";

/** The repository. */
export const root = resolve(import.meta.dirname, "../../..");
const folder = join(root, "bench/results");
const page = join(root, "bench/RESULTS.md");

/**
 * Keeps an outcome in place of the same benchmark's last one, and makes the pictures and the page anew.
 * @param names the benchmarks in the order of the page
 * @returns the page's path
 */
export function keep(record: Recorded, names: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) {
    if (file.startsWith(`${record.bench}-`) && file.endsWith(".svg")) rmSync(join(folder, file));
  }
  for (const plot of record.plots ?? []) {
    writeFileSync(join(folder, pictureOf(record, plot)), draw(plot));
  }
  writeFileSync(join(folder, `${record.bench}.json`), `${JSON.stringify(record, null, 2)}\n`);
  return writePage(names);
}

/**
 * Makes the page anew of what is kept, and of the remarks that people wrote: `bench/results/NAME.md`.
 * @returns the page's path
 */
export function writePage(names: readonly string[]): string {
  const records = names.flatMap((name) => {
    const text = read(`${name}.json`);
    return text === undefined ? [] : [JSON.parse(text) as Recorded];
  });
  const remarks = new Map(names.map((name) => [name, read(`${name}.md`)?.trim() ?? ""]));
  writeFileSync(page, renderResults(records, remarks));
  return page;
}

function read(name: string): string | undefined {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
