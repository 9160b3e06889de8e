import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { afterAll, describe, expect, it } from "vitest";
import { readPage } from "../support/docs/page.ts";
import { Reader } from "../support/docs/reader.ts";
import { type Ended, run } from "../support/docs/shell.ts";
import { describePage } from "../support/docs/suite.ts";
import { typeCheck } from "../support/docs/type-check.ts";
import { linkNodeTypes, publishedProject } from "../support/docs/published-project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { packAll } from "../support/tarballs.ts";

const tarballs = packAll();
afterAll(() => tarballs[Symbol.dispose]());

describe.each([...tarballs])("the tarball of $name", ({ path, files, read }) => {
  it("is right to publint", async () => {
    const tarball = Uint8Array.from(readFileSync(path)).buffer;
    const { messages } = await publint({ pack: { tarball }, strict: true });
    expect(messages).toEqual([]);
  });

  it("has types that resolve for everyone who can import ES modules", async () => {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(path)));
    const problems = result.types === false ? ["no types"] : result.problems.filter(concernsModules);
    expect(problems).toEqual([]);
  });

  it("has a README and the LICENSE", () => {
    expect(files).toEqual(expect.arrayContaining(["README.md", "LICENSE", "package.json"]));
  });

  it("has no tests, and no leftovers", () => {
    expect(files.filter((file) => /\btests?\b|tsbuildinfo|\.tmp\b|node_modules/.test(file))).toEqual([]);
  });

  it("has the source of every module, where the source maps say", () => {
    const modules = files.filter((file) => /^dist\/.*\.js$/.test(file));
    expect(modules.length).toBeGreaterThan(3);
    const sources = modules.map((file) => file.replace(/^dist\/(.*)js$/, "src/$1ts"));
    expect(sources.filter((source) => !files.includes(source))).toEqual([]);
  });

  it("has no path of the machine that built it, and no way in for the workspace", () => {
    expect(files.filter((file) => read(file).includes(REPOSITORY))).toEqual([]);
    const manifest = read("package.json");
    expect(manifest).not.toContain("shoal-source");
    expect(manifest).not.toContain("workspace:");
  });
});

describe("installed from the tarballs in an empty folder", () => {
  describePage(readPage("README.md"), {
    setUp: () => publishedProject(tarballs),
    skip: /^$/,
    also: {
      "its TypeScript type-checks against the published types": async (project) => {
        linkNodeTypes(project);
        expect(await typeCheck(project, [])).toBe("");
      },
    },
  });
});

describe("what `shoal init` writes, with npm's own npx", () => {
  const project = publishedProject(tarballs, { npx: "npm" });
  const reader = new Reader({ ...project, directory: join(project.directory, "demo") });
  afterAll(async () => {
    await reader.close();
    project[Symbol.dispose]();
  });

  it("npx shoal init demo", async () => {
    expectDone(await run("npm install @shoal/node", project));
    expectDone(await run("npx shoal init demo", project), "agents/hello.ts");
  });

  it.each([
    ["npm install @shoal/node", ""],
    ["npx shoal check", "hello"],
    ["npx shoal --version", "0."],
    ["npx shoal up", "mesh ready on"],
    ['npx shoal call hello "world"', "Hello, world!"],
    ['nats req mesh.hello "world"', "Hello, world!"],
  ])("%s", async (command, told) => {
    expectDone(await reader.type(command), told);
  });

  it("Ctrl-C drains it", async () => {
    // npm passes a SIGTERM to nobody, and makes an exit code of its own.
    const [up] = await reader.close("Ctrl-C");
    expect(up?.ended.output.match(/"drained"/g)).toHaveLength(2);
  });
});

/** These packages are ES modules alone: what cannot import those is not asked. */
function concernsModules(problem: object): boolean {
  const kind = "resolutionKind" in problem ? problem.resolutionKind : undefined;
  return kind !== "node10" && kind !== "node16-cjs";
}

function expectDone({ output, exitCode }: Ended, told = ""): void {
  expect(exitCode, output).toBe(0);
  expect(output).toContain(told);
}
