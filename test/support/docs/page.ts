import { readFileSync } from "node:fs";
import { inRepository } from "../repository.ts";

/** A fenced block of a page. */
export interface Block {
  language: string;
  /** Line of the page on which its text begins, from 1. */
  line: number;
  text: string;
}

/** A page of the documentation, read as what can be run in it. */
export interface Page {
  /** Relative to the repository. */
  path: string;
  text: string;
  blocks: Block[];
}

/** Pages that people type from: everything in them is run. */
export const RUN_PAGES: readonly string[] = [
  "README.md",
  "docs/start.md",
  "docs/agents.md",
  "docs/asking.md",
  "docs/failures.md",
  "docs/computing.md",
  "docs/client.md",
  "docs/concurrency.md",
  "docs/cli.md",
  "docs/running.md",
  "docs/operations.md",
  "docs/supervisors.md",
  "docs/pipelines.md",
  "docs/pipelines-in-yaml.md",
  "docs/cache.md",
  "docs/load.md",
  "docs/overload.md",
  "docs/testing.md",
  "docs/nats-cli.md",
  "docs/tasks.md",
  "docs/sessions.md",
  "docs/models.md",
  "docs/metrics.md",
  "docs/looking-inside.md",
  "docs/patterns.md",
  "docs/prometheus.md",
  "docs/tracing.md",
  "docs/from-the-guide.md",
];

/** As {@link RUN_PAGES}, but with a model: its weights must be there first. */
export const MODEL_PAGE = "docs/local-models.md";

export function readPage(path: string): Page {
  const text = readFileSync(inRepository(path), "utf8");
  return { path, text, blocks: blocksOf(text) };
}

/** Files that the page tells its reader to write: blocks whose first line is a comment with a name. */
export function filesOf({ blocks }: Page): Map<string, string> {
  const files = new Map<string, string>();
  for (const { text } of blocks) {
    const name = /^(?:\/\/|#) ([\w./-]+\.\w+)\n/.exec(text)?.[1];
    if (name !== undefined) files.set(name, text);
  }
  return files;
}

/** Rows of the table with these columns, cell by cell, without backticks. */
export function tableOf({ path, text }: Page, ...head: string[]): string[][] {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => cellsOf(line).join() === head.join());
  if (at === -1) throw new Error(`${path} has no table with the columns ${head.join(", ")}`);
  const end = lines.findIndex((line, index) => index > at && !line.startsWith("|"));
  return lines.slice(at + 2, end === -1 ? undefined : end).map(cellsOf);
}

function cellsOf(row: string): string[] {
  if (!row.startsWith("|")) return [];
  const cells = row.replace(/^\||\|\s*$/g, "").split(/(?<!\\)\|/);
  return cells.map((cell) => cell.replaceAll("`", "").replaceAll("\\|", "|").trim());
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const [index, line] of markdown.split("\n").entries()) {
    if (!line.startsWith("```")) {
      if (open) open.text += `${line}\n`;
      continue;
    }
    if (open) blocks.push(open);
    open = open ? undefined : { language: line.slice(3).trim(), line: index + 2, text: "" };
  }
  return blocks;
}
