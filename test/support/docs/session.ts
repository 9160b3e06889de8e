import type { Block } from "./page.ts";

/** A command of a page's session, and what the page says it prints. */
export interface Command {
  /** Line of the page. */
  line: number;
  text: string;
  /** Standard output and standard error together; `…` stands for anything. Undefined: not told. */
  expected: string | undefined;
  exitCode: number;
}

/** The commands of a `console` block: `$ command`, its output, and `[exit 2]` when that is not 0. */
export function commandsOf({ text, line: first }: Block): Command[] {
  const commands: Command[] = [];
  for (const [index, line] of text.trimEnd().split("\n").entries()) {
    const last = commands.at(-1);
    const exit = /^\[exit (\d+)\]$/.exec(line);
    if (line.startsWith("$ ")) {
      commands.push({ line: first + index, text: line.slice(2), expected: undefined, exitCode: 0 });
    } else if (!last) {
      throw new Error(`line ${first + index}: output without a command`);
    } else if (exit) {
      last.exitCode = Number(exit[1]);
    } else {
      last.expected = last.expected === undefined ? line : `${last.expected}\n${line}`;
    }
  }
  return commands;
}

/** Whether a program printed what the page says. Spaces at the ends of lines do not count. */
export function isAsTold(expected: string, actual: string): boolean {
  const pattern = tidy(expected)
    .split("…")
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    .join("[^]*");
  return new RegExp(`^${pattern}$`).test(tidy(actual));
}

function tidy(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
}
