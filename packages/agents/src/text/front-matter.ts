/** A document without its front matter, and the title that the front matter gave it. */
export interface FrontMatter {
  readonly title: string | null;
  readonly body: string;
}

/**
 * Takes the front matter off: a block between `---` lines (YAML) or `+++` lines (TOML) at the very start, whose
 * first line is a key or a comment; otherwise the line is a drawn rule. Of the data itself only a one-line
 * `title` is read.
 */
export function splitFrontMatter(source: string): FrontMatter {
  const fence = /^(---|\+\+\+)[ \t]*\n(?=#|[\w"'-]+[ \t]*[:=])/.exec(source)?.[1];
  const lines = source.split("\n");
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === fence);
  if (fence === undefined || end < 0) return { title: null, body: source };
  const title = lines
    .slice(1, end)
    .map((line) => /^title[ \t]*[:=](.*)$/.exec(line)?.[1])
    .find((value) => value !== undefined);
  return { title: plainValue(title ?? ""), body: lines.slice(end + 1).join("\n") };
}

/** A scalar on one line, without its quotes; null for an empty one and for the start of a longer one. */
function plainValue(source: string): string | null {
  const value = source.trim();
  const quoted = /^"(.+)"$/.exec(value) ?? /^'(.+)'$/.exec(value);
  return quoted?.[1] ?? (/^(?:$|[>|"'[{&*])/.test(value) ? null : value);
}
