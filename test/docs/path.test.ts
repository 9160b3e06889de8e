import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MODEL_PAGE, RUN_PAGES, readPage } from "../support/docs/page.ts";
import { REPOSITORY, inRepository } from "../support/repository.ts";

const INDEX = readPage("docs/README.md").text;

/** Pages of docs/ that a list of the index begins its entries with, in order. */
function listed(entry: RegExp): string[] {
  return [...INDEX.matchAll(entry)].map(([, name = ""]) => name);
}

const PAGES = globSync("docs/*.md", { cwd: REPOSITORY }).map((path) => path.replace("docs/", ""));
const PATH = listed(/^\d+\. \[[^\]]+\]\(([\w-]+\.md)\)/gm);
const FURTHER = listed(/^- \[[^\]]+\]\(([\w-]+\.md)\)/gm);

it("docs/README.md has every page, once", () => {
  const pages = PAGES.filter((name) => name !== "README.md");
  expect(PATH.length).toBeGreaterThan(5);
  expect([...PATH, ...FURTHER].toSorted()).toEqual(pages.toSorted());
});

it.each(PATH.map((name, at) => [name, PATH[at + 1] ?? "README.md"]))("docs/%s leads to %s", (name, next) => {
  expect(readPage(`docs/${name}`).text.trimEnd().split("\n").at(-1)).toMatch(
    new RegExp(`^Next: \\[.+\\]\\(${next}\\)$`),
  );
});

it("every page with commands is read by a test", () => {
  const tests = globSync("test/**/*.test.ts", { cwd: REPOSITORY })
    .map((path) => readFileSync(inRepository(path), "utf8"))
    .filter((text) => text.includes("describePage("));
  const forgotten = PAGES.map((name) => readPage(`docs/${name}`))
    .filter(({ blocks }) => blocks.some(({ language }) => language === "console"))
    .filter(({ path }) => !RUN_PAGES.includes(path))
    .filter(({ path }) => ![...tests, `"${MODEL_PAGE}"`].some((text) => text.includes(`"${path}"`)));
  expect(forgotten.map(({ path }) => path)).toEqual([]);
});
