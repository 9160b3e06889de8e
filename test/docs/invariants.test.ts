import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { REPOSITORY, inRepository } from "../support/repository.ts";

function read(pattern: string): { file: string; text: string }[] {
  const files = globSync(pattern, { cwd: REPOSITORY }).toSorted();
  return files.map((file) => ({ file, text: readFileSync(inRepository(file), "utf8") }));
}

/** Invariants as modules state them, and what is deployed: ` * J1: it ends exactly once`. */
const stated = read("{packages/*/src/**/*.ts,deploy/**/*.{conf,yaml}}").flatMap(({ file, text }) =>
  [...text.matchAll(/^(?: \*|#) ([A-Z]+\d+): /gm)].map(([, id = ""]) => ({ id, file })),
);
/** Numbers that titles begin with: `"A1, A2: with two slots …"`. */
const cited = new Set(
  read("{packages/*/,}test/**/*.ts").flatMap(({ text }) =>
    [...text.matchAll(/["'`]([A-Z]+\d+(?:, [A-Z]+\d+)*):? /g)].flatMap(([, ids = ""]) => ids.split(", ")),
  ),
);
const [architecture] = read("ARCHITECTURE.md");

test("no two modules use the same number", () => {
  const ids = stated.map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(30);
  expect(ids).toEqual([...new Set(ids)]);
});

test("every invariant has a test whose title cites it", () => {
  const unproven = stated.filter(({ id }) => !cited.has(id));
  expect(unproven).toEqual([]);
});

test("every invariant is in ARCHITECTURE.md", () => {
  const missing = stated.filter(({ id }) => !new RegExp(`\\b${id} `).test(architecture?.text ?? ""));
  expect(missing).toEqual([]);
});
