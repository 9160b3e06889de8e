/** What was answered in place of the real answer. */
export function nextBestText(by: string): string {
  if (by === "answer") return "a fixed answer";
  return by === "cache" ? "an earlier answer" : `the answer of ${by}`;
}
