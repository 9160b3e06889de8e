import { globSync } from "node:fs";
import { expect, it } from "vitest";
import { readPage } from "../support/docs/page.ts";
import { REPOSITORY } from "../support/repository.ts";

const INDEX = readPage("docs/README.md").text;

/** Pages of docs/ that a list of the index begins its entries with, in order. */
function listed(entry: RegExp): string[] {
  return [...INDEX.matchAll(entry)].map(([, name = ""]) => name);
}

const PATH = listed(/^\d+\. \[[^\]]+\]\(([\w-]+\.md)\)/gm);
const FURTHER = listed(/^- \[[^\]]+\]\(([\w-]+\.md)\)/gm);

it("docs/README.md has every page, once", () => {
  const pages = globSync("*.md", { cwd: `${REPOSITORY}/docs` }).filter((name) => name !== "README.md");
  expect(PATH.length).toBeGreaterThan(5);
  expect([...PATH, ...FURTHER].toSorted()).toEqual(pages.toSorted());
});

it.each(PATH.map((name, at) => [name, PATH[at + 1] ?? "README.md"]))("docs/%s leads to %s", (name, next) => {
  expect(readPage(`docs/${name}`).text.trimEnd().split("\n").at(-1)).toMatch(
    new RegExp(`^Next: \\[.+\\]\\(${next}\\)$`),
  );
});
