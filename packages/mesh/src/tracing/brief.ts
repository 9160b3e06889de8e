import type { SpanFields } from "../contract/span.ts";

/** Characters of one text, and of all fields of a span. */
const LONGEST = 300;
const LONGEST_FIELDS = 1_200;

/** As much of a text as is remembered, and nothing that keeps the rest of it in memory. */
export function brief(text: string): string {
  return text.length <= LONGEST ? text : Buffer.from(text.slice(0, LONGEST)).toString();
}

/** The first fields of a span, as many as are remembered. */
export function briefFields(fields: SpanFields): SpanFields {
  const kept: Record<string, SpanFields[string]> = {};
  let left = LONGEST_FIELDS;
  for (const [name, value] of Object.entries(fields)) {
    const short = briefValue(value);
    left -= name.length + String(short).length;
    if (left < 0) break;
    kept[name] = short;
  }
  return kept;
}

/** A list that is too long is remembered as text. */
function briefValue(value: SpanFields[string]): SpanFields[string] {
  if (typeof value === "string") return brief(value);
  if (typeof value !== "object") return value;
  const text = value.join();
  return text.length <= LONGEST ? value : brief(text);
}
