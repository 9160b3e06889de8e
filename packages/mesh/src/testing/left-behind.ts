/** Such as `1 timer` and `2 timers`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** What was found at the end of a test, as one error; undefined when nothing was. */
export function leftBehind(findings: readonly string[]): Error | undefined {
  if (findings.length === 0) return undefined;
  return new Error(["at the end of the test:", ...findings.map((each) => `- ${each}`)].join("\n"));
}
