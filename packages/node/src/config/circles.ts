/** Who asks whom, by name. */
export type Asking = ReadonlyMap<string, readonly string[]>;

/** The way from `from` back to itself by way of `next`, which it asks; undefined when there is none. */
export function circleBy(next: string, from: string, asking: Asking): string[] | undefined {
  const seen = new Set<string>();
  const wayBack = (at: string): string[] | undefined => {
    if (at === from) return [at];
    if (seen.has(at)) return undefined;
    seen.add(at);
    for (const each of asking.get(at) ?? []) {
      const rest = wayBack(each);
      if (rest) return [at, ...rest];
    }
    return undefined;
  };
  const way = wayBack(next);
  return way && [from, ...way];
}
