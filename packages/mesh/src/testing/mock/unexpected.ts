import { editDistance } from "../../client/suggest.ts";
import type { Expectation } from "./expectation.ts";
import type { Difference } from "./matcher.ts";
import { show } from "./show.ts";

/** Longer text is compared by its beginning. */
const COMPARED = 200;

/** Says what came, and how it differs from what is nearest to it among that which was expected. */
export function unexpected(method: string, input: unknown, expectations: readonly Expectation[]): string {
  const call = `${method}(${show(input)}) was not expected.`;
  const candidates = expectations.filter((each) => each.method === method);
  const [nearest] = candidates
    .map((expectation) => ({ expectation, differences: expectation.differences(input) }))
    .sort((a, b) => distanceOf(a.differences) - distanceOf(b.differences));
  if (!nearest) return `${call} ${othersThan(method, expectations)}`;
  const { expectation, differences } = nearest;
  const which = candidates.length > 1 ? `the nearest of ${candidates.length} expectations, ` : "";
  if (differences.length === 0)
    return `${call} It is like ${which}${expectation.text}, which has had all its calls (${expectation.used}).`;
  const lines = differences.map(
    ({ path, expected, actual }) => `\n  ${path || "it"}: expected ${show(expected)}, got ${show(actual)}`,
  );
  return `${call} It differs from ${which}${expectation.text}:${lines.join("")}`;
}

function othersThan(method: string, expectations: readonly Expectation[]): string {
  const add = `Add on.${method}(…) with an answer.`;
  if (expectations.length === 0) return `Nothing is. ${add}`;
  return `Expected are ${expectations.map(({ text }) => text).join(", ")}. ${add}`;
}

/** 0: it matches. A field that is quite different counts 1, text that is a little different less. */
function distanceOf(differences: readonly Difference[]): number {
  return differences.reduce((sum, { expected, actual }) => sum + unlikeness(expected, actual), 0);
}

function unlikeness(expected: unknown, actual: unknown): number {
  if (typeof expected !== "string" || typeof actual !== "string") return 1;
  const [a, b] = [expected.slice(0, COMPARED), actual.slice(0, COMPARED)];
  return Math.max(editDistance(a, b) / Math.max(a.length, b.length, 1), 1 / COMPARED);
}
