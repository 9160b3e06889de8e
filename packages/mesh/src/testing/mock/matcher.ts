import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";

/** What vitest's `expect.objectContaining(…)` and its like are. */
export interface AsymmetricMatcher {
  asymmetricMatch(value: unknown): boolean;
}

/** Stands for values: text that matches, or whatever `expect.any(String)`, a schema or a function lets pass. */
export type Pattern<T = never> = RegExp | AsymmetricMatcher | z.ZodType | ((value: T) => boolean);

/** A value of which fields may be left out, and with patterns in it. */
type Partly<T> = T extends string | number | boolean | bigint | null | undefined | Date | Uint8Array
  ? T
  : T extends readonly (infer E)[]
    ? readonly (Partly<E> | Pattern<E>)[]
    : { readonly [K in keyof T]?: Partly<T[K]> | Pattern<T[K]> };

/**
 * Says which inputs are meant: by a value (objects may have more fields than it names, lists may not be longer), by a
 * pattern, or by a value with patterns in it.
 */
export type Matcher<T> = Partly<T> | Pattern<T>;

/** One way in which a value is not what a matcher asks for. */
export interface Difference {
  /** Where, such as `items[2].name`; empty for the value itself. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** None when the value matches. */
export function differencesOf(matcher: unknown, actual: unknown, path = ""): Difference[] {
  const unlessIt = (matches: boolean): Difference[] => (matches ? [] : [{ path, expected: matcher, actual }]);
  if (isPattern(matcher)) return unlessIt(passes(matcher, actual));
  if (Array.isArray(matcher)) {
    if (!Array.isArray(actual)) return unlessIt(false);
    const longest = Math.max(matcher.length, actual.length);
    return Array.from({ length: longest }, (_each, i) =>
      differencesIn(matcher, actual, i, `${path}[${i}]`),
    ).flat();
  }
  if (!isPlainObject(matcher)) return unlessIt(isDeepStrictEqual(matcher, actual));
  if (typeof actual !== "object" || actual === null) return unlessIt(false);
  return Object.keys(matcher).flatMap((key) =>
    differencesIn(matcher, actual, key, path ? `${path}.${key}` : key),
  );
}

export function isPattern(matcher: unknown): matcher is Pattern {
  return (
    typeof matcher === "function" || matcher instanceof RegExp || isSchema(matcher) || isAsymmetric(matcher)
  );
}

function isSchema(matcher: unknown): matcher is z.ZodType {
  return typeof matcher === "object" && matcher !== null && "_zod" in matcher;
}

export function isAsymmetric(matcher: unknown): matcher is AsymmetricMatcher {
  return typeof (matcher as Partial<AsymmetricMatcher> | null)?.asymmetricMatch === "function";
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function differencesIn(matcher: object, actual: object, key: string | number, path: string): Difference[] {
  return differencesOf(Reflect.get(matcher, key), Reflect.get(actual, key), path);
}

function passes(pattern: Pattern, actual: unknown): boolean {
  if (isAsymmetric(pattern)) return pattern.asymmetricMatch(actual);
  // `search` heeds no `lastIndex`.
  if (pattern instanceof RegExp) return typeof actual === "string" && actual.search(pattern) >= 0;
  if (typeof pattern === "function") return pattern(actual as never);
  return pattern.safeParse(actual).success;
}
