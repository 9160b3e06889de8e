import { isAbsolute, relative } from "node:path";

/** One mistake in a configuration: where, what, and what to do. */
export interface Problem {
  /** A file, or the flag or variable that said it. */
  file: string;
  /** From 1; undefined where a file has no lines to speak of. */
  line?: number | undefined;
  column?: number | undefined;
  /** Such as `agents[2].concurrency`; empty for the whole. */
  path: string;
  message: string;
}

/** A configuration that cannot be used, with every mistake in it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(describe);
    super(lines.length === 1 ? lines[0] : `${lines.length} mistakes:\n  ${lines.join("\n  ")}`);
    this.problems = problems;
  }
}

/** `file:line:column  path: message` */
function describe({ file, line, column, path, message }: Problem): string {
  const place = line === undefined ? shown(file) : `${shown(file)}:${line}:${column ?? 1}`;
  return path ? `${place}  ${path}: ${message}` : `${place}  ${message}`;
}

/** As a person in this directory would write it. */
export function shown(file: string): string {
  if (!isAbsolute(file)) return file;
  const fromHere = relative(process.cwd(), file);
  return fromHere === "" || fromHere.startsWith("..") ? file : fromHere;
}

export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === "number" ? `[${key}]` : `${i ? "." : ""}${String(key)}`))
    .join("");
}
