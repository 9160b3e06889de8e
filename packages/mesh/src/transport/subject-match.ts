/** True when `subject` matches `pattern` by NATS rules: `*` is one token, a last `>` is one or more. */
export function subjectMatches(pattern: string, subject: string): boolean {
  const patterns = pattern.split(".");
  const tokens = subject.split(".");
  for (const [i, token] of patterns.entries()) {
    if (token === ">" && i === patterns.length - 1) return tokens.length > i;
    if (i >= tokens.length || (token !== "*" && token !== tokens[i])) return false;
  }
  return patterns.length === tokens.length;
}
