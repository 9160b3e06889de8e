import { expect, it } from "vitest";
import { MODEL_PAGE, RUN_PAGES, type Page, filesOf, readPage } from "../support/docs/page.ts";
import { workspaceProject, writeFiles } from "../support/docs/project.ts";
import { typeCheck } from "../support/docs/type-check.ts";

/** Pages whose commands are no concern here: packages have none, and the others have tests of their own. */
const OTHER_PAGES = [
  "packages/mesh/README.md",
  "packages/agents/README.md",
  "docs/agent-protocol.md",
  "docs/deploying.md",
];

it.each([...RUN_PAGES, MODEL_PAGE, ...OTHER_PAGES].map(readPage).filter(hasTypeScript))(
  "$path: its TypeScript type-checks",
  async (page) => {
    using project = workspaceProject();
    writeFiles(project, filesOf(page));
    writeFiles(project, unnamed(page));
    expect(await typeCheck(project, ["shoal-source"])).toBe("");
  },
);

function hasTypeScript({ blocks }: Page): boolean {
  return blocks.some(({ language }) => language === "ts");
}

/** Blocks that are no file of the page still are code that somebody copies. */
function unnamed(page: Page): Map<string, string> {
  const named = new Set(filesOf(page).values());
  const others = page.blocks.filter(({ language, text }) => language === "ts" && !named.has(text));
  return new Map(others.map(({ line, text }) => [`line-${line}.ts`, text]));
}
