import { inspect } from "node:util";
import { type AsymmetricMatcher, isAsymmetric, isPattern, isPlainObject } from "./matcher.ts";

/** As vitest makes them. */
interface Asymmetric extends AsymmetricMatcher {
  readonly sample?: unknown;
  toString(): string;
  toAsymmetricMatcher?(): string;
}

const LONGEST = 400;

/** A value, or a matcher, as one reads it in a message: on one line, and not for ever. */
export function show(value: unknown): string {
  const text = inspect(readable(value), {
    depth: 6,
    breakLength: Infinity,
    maxArrayLength: 20,
    maxStringLength: 200,
  });
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The same value, with words where it has patterns. */
function readable(value: unknown): unknown {
  if (isPattern(value)) return words(wordsFor(value));
  if (Array.isArray(value)) return value.map(readable);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, readable(field)]));
}

function wordsFor(pattern: unknown): string {
  if (pattern instanceof RegExp) return String(pattern);
  if (typeof pattern === "function")
    return `what fits ${String(pattern).replaceAll(/\s+/g, " ").slice(0, 80)}`;
  return isAsymmetric(pattern) ? asymmetricWords(pattern) : "what fits its schema";
}

/** `Any<Number>` says it all; `ObjectContaining` does not say what. */
function asymmetricWords(matcher: Asymmetric): string {
  const name = String(matcher);
  const text = matcher.toAsymmetricMatcher?.() ?? name;
  return text === name && matcher.sample !== undefined ? `${name} ${show(matcher.sample)}` : text;
}

function words(text: string): object {
  return { [inspect.custom]: () => text };
}
