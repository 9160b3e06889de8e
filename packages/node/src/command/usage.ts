import { InvalidArgumentError } from "commander";

/** Commands, and what each does, below a command's help. */
export function examples(lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`.trimEnd()).join("\n")}\n`;
}

export function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError(`"${text}" is not a whole number above 0.`);
}

export function time(text: string): string {
  const parts = /^\d+(\.\d+)?(ms|s|m|h|d)?$/.exec(text);
  if (!parts) throw new InvalidArgumentError(`"${text}" is no time: write 250ms, 10s, 5m or 2h.`);
  return parts[2] === undefined ? `${text}ms` : text;
}

/** Of an option that may be given several times. */
export function collected(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
