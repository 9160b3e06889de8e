import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { REPOSITORY, inRepository } from "../support/repository.ts";

const PAGES = globSync(
  ["*.md", "docs/**/*.md", "deploy/**/*.md", "{packages,examples}/*/*.md", "bench/*.md"],
  {
    cwd: REPOSITORY,
  },
);

it.each(PAGES)("%s: every link leads somewhere", (page) => {
  const text = readFileSync(inRepository(page), "utf8");
  const broken = linksOf(text).filter((link) => !leadsSomewhere(link, page));
  expect(broken).toEqual([]);
});

// The registry shows these pages away from the repository.
it.each(PAGES.filter((page) => page.startsWith("packages/")))("%s: has no relative links", (page) => {
  expect(linksOf(readFileSync(inRepository(page), "utf8"))).toEqual([]);
});

/** Targets of links and images that stay in the repository. */
function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[^]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(link: string, page: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? inRepository(page) : join(dirname(inRepository(page)), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsOf(readFileSync(target, "utf8")).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );
}
