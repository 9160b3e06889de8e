import { beforeAll, expect, it } from "vitest";
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

const PAGES = [...RUN_PAGES, MODEL_PAGE, ...OTHER_PAGES].map(readPage).filter(hasTypeScript);

/** What the compiler has to say of all pages, a folder each: starting it costs more than what it then does. */
let messages: string[];

beforeAll(async () => {
  using project = workspaceProject();
  for (const page of PAGES) {
    const files = [...filesOf(page), ...unnamed(page)];
    writeFiles(project, new Map(files.map(([name, text]) => [`${folderOf(page)}/${name}`, text])));
  }
  messages = messagesOf(await typeCheck(project, ["shoal-source"]));
});

it.each(PAGES)("$path: its TypeScript type-checks", (page) => {
  expect(messages.filter((message) => message.startsWith(`${folderOf(page)}/`)).join("\n")).toBe("");
});

it("the compiler has nothing else to say", () => {
  const folders = PAGES.map((page) => `${folderOf(page)}/`);
  const others = messages.filter((message) => !folders.some((folder) => message.startsWith(folder)));
  expect(others.join("\n")).toBe("");
});

function hasTypeScript({ blocks }: Page): boolean {
  return blocks.some(({ language }) => language === "ts");
}

function folderOf({ path }: Page): string {
  return path.replaceAll(/[/.]/g, "-");
}

/** What the compiler prints, message by message: further lines of one are indented. */
function messagesOf(output: string): string[] {
  return output.split(/\n(?! )/).filter((message) => message !== "");
}

/** Blocks that are no file of the page still are code that somebody copies. */
function unnamed(page: Page): Map<string, string> {
  const named = new Set(filesOf(page).values());
  const others = page.blocks.filter(({ language, text }) => language === "ts" && !named.has(text));
  return new Map(others.map(({ line, text }) => [`line-${line}.ts`, text]));
}
