/** One mistake in a configuration: where, what, and what to do. */
export interface Problem {
  file: string;
  /** From 1; undefined where a file has no lines to speak of. */
  line?: number | undefined;
  column?: number | undefined;
  /** Such as `agents[2].concurrency`. */
  path: string;
  message: string;
}

/** A configuration that cannot be used, with every mistake in it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(describe).join("\n"));
    this.problems = problems;
  }
}

/** `file:line:column  path: message` */
function describe({ file, line, column, path, message }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return path ? `${place}  ${path}: ${message}` : `${place}  ${message}`;
}
