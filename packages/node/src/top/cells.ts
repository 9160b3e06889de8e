const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A bar of eighths of a character. @param share from 0 to 1 */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * width * 8);
  const full = "█".repeat(Math.floor(eighths / 8));
  return `${full}${EIGHTHS[eighths % 8] ?? ""}`.padEnd(width, "·").slice(0, width);
}

/** At most five characters: `850µs`, `12ms`, `2.4s`, `59s`, `3m`, `12h`, `4d`; `-` for none. */
export function briefTime(ms: number | null): string {
  if (ms === null) return "-";
  if (ms < 0.9995) return `${Math.round(ms * 1_000)}µs`;
  if (ms < 9.95) return `${trimmed(ms)}ms`;
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  const seconds = ms / 1_000;
  if (seconds < 9.95) return `${trimmed(seconds)}s`;
  if (seconds < 99.5) return `${Math.round(seconds)}s`;
  if (seconds < 5_970) return `${Math.round(seconds / 60)}m`;
  return seconds < 171_000 ? `${Math.round(seconds / 3_600)}h` : `${Math.round(seconds / 86_400)}d`;
}

/** At most five characters: `0.3`, `12`, `1.2k`, `35k`, `1.2M`; `-` for none. */
export function briefNumber(number: number | null): string {
  if (number === null) return "-";
  if (number === 0) return "0";
  if (number < 9.95) return trimmed(number);
  if (number < 999.5) return String(Math.round(number));
  if (number < 9_950) return `${trimmed(number / 1_000)}k`;
  if (number < 999_500) return `${Math.round(number / 1_000)}k`;
  return number < 9.95e6 ? `${trimmed(number / 1e6)}M` : `${Math.round(number / 1e6)}M`;
}

/** A share in percent; empty for none of it. */
export function percent(part: number | null, whole: number | null): string {
  if (!part || !whole) return "";
  const share = (100 * part) / whole;
  return share < 1 ? "<1" : String(Math.min(100, Math.round(share)));
}

/** One digit after the point, where that says something. */
function trimmed(number: number): string {
  return number.toFixed(1).replace(/\.0$/, "");
}
