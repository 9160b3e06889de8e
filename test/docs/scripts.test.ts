import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readPage } from "../support/docs/page.ts";
import { inRepository } from "../support/repository.ts";

const SCRIPTS = (JSON.parse(readFileSync(inRepository("package.json"), "utf8")) as { scripts: object })
  .scripts;

const COMMANDS = ["README.md", "CONTRIBUTING.md", "docs/long-runs.md"].flatMap((path) =>
  readPage(path)
    .blocks.filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.trim().split("\n"))
    .map((line) => ({ path, command: line.replace(/\s+#.*/, "") })),
);

it.each(COMMANDS)("$path: `$command` is there", ({ command }) => {
  const [program, ...words] = command.split(" ");
  if (program === "pnpm" && words[0] === "exec") {
    expect(existsSync(inRepository("node_modules/.bin", words[1] ?? ""))).toBe(true);
    return;
  }
  expect(["npm", "pnpm"]).toContain(program);
  expect(Object.keys(SCRIPTS)).toContain(words[0] === "run" ? words[1] : words[0]);
});
