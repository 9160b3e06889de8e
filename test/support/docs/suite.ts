import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Page, filesOf } from "./page.ts";
import { type Project, writeFiles } from "./project.ts";
import { Reader } from "./reader.ts";
import { type Command, commandsOf, isAsTold } from "./session.ts";

export interface PageOptions {
  /** Makes the folder in which the page is read. */
  setUp: () => Project | Promise<Project>;
  /** Commands that the set-up has done already. */
  skip: RegExp;
  /** Further tests of the project, by title, when everything has been typed. */
  also?: Record<string, (project: Project) => Promise<void>>;
}

/** Also where their page is read beside others. */
const IN_ORDER = { concurrent: false };

/**
 * One test for each command of a page, in a project that has the page's files. Commands come in order; pages of one
 * file are read at the same time, as many as vitest's `maxConcurrency` says.
 */
export function describePage(page: Page, { setUp, skip, also = {} }: PageOptions): void {
  const commands = page.blocks.filter(({ language }) => language === "console").flatMap(commandsOf);
  describe.concurrent(page.path, () => {
    let reader: Reader;
    beforeAll(async () => {
      const project = await setUp();
      writeFiles(project, filesOf(page));
      reader = new Reader(project);
    });
    afterAll(async () => {
      await reader.close();
      reader.project[Symbol.dispose]();
    });

    for (const command of commands.filter(({ text }) => !skip.test(text))) {
      it(`line ${command.line}: ${command.text}`, IN_ORDER, async () => {
        await check(command, reader);
      });
    }
    for (const [title, test] of Object.entries(also)) it(title, IN_ORDER, () => test(reader.project));
    it("what was started stops with exit code 0", IN_ORDER, async () => {
      for (const { command, ended } of await reader.close()) {
        expect(ended.exitCode, `${command}\n${ended.output}`).toBe(0);
      }
    });
  });
}

async function check(command: Command, reader: Reader): Promise<void> {
  const { output, exitCode } = await reader.type(command.text);
  const { expected } = command;
  // Equality fails with a difference that can be read; a pattern does not.
  if (expected !== undefined && !isAsTold(expected, output)) expect(output).toBe(expected);
  expect(exitCode, output).toBe(command.exitCode);
}
