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
  writeFileSync(page, renderResults(names.flatMap(read)));
  return page;
}

function read(name: string): Recorded[] {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? [JSON.parse(readFileSync(file, "utf8")) as Recorded] : [];
}
