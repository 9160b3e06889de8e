import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readPage, tableOf } from "../support/docs/page.ts";
import { inRepository } from "../support/repository.ts";

const CHAOS = "packages/mesh/test/chaos";

const rows = tableOf(readPage("docs/reliability.md"), "promise", "invariants", "test");

test("docs/reliability.md names a test for every promise", () => {
  expect(rows.length).toBeGreaterThan(15);
});

test.each(rows)("%s (%s) is proved by titles of %s", (_promise = "", invariants = "", named = "") => {
  const path = named.replaceAll("`", "");
  const file = inRepository(`${path.includes("/") ? path : `${CHAOS}/${path}`}.test.ts`);
  expect(existsSync(file), file).toBe(true);
  const text = readFileSync(file, "utf8");
  const cited = [...text.matchAll(/["'`]([A-Z]+\d+(?:, [A-Z]+\d+)*): /g)].flatMap(([, ids = ""]) =>
    ids.split(", "),
  );
  expect(cited).toEqual(expect.arrayContaining(invariants.split(", ").filter(Boolean)));
});
