import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Ended, cleanUp, shoal, temporaryDirectory } from "../support/shoal.ts";

let cwd: string;

beforeEach(() => {
  cwd = temporaryDirectory();
  // As `npm install` would have it.
  mkdirSync(join(cwd, "node_modules", "@shoal"), { recursive: true });
  symlinkSync(new URL("../../node_modules/zod", import.meta.url), join(cwd, "node_modules", "zod"));
  for (const name of ["mesh", "node"]) {
    symlinkSync(new URL(`../../../${name}`, import.meta.url), join(cwd, "node_modules", "@shoal", name));
  }
});
afterEach(cleanUp);

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, ".."), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
}

function check(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return shoal(["check", ...args], { cwd, env });
}

/** A module that exports agents of these names, under the same names. */
function module(...names: string[]): string {
  const agents = names.map(
    (name) => `export const ${name} = defineAgent({
  name: "${name}",
  version: "1.0.0",
  methods: { run: { input: z.unknown(), run: () => 1 } },
});`,
  );
  return `import { defineAgent } from "@shoal/mesh";\nimport { z } from "zod";\n${agents.join("\n")}\n`;
}

async function namesIn(ended: Promise<Ended>): Promise<string[]> {
  const { stdout, stderr } = await ended;
  if (stdout === "") throw new Error(stderr);
  return (JSON.parse(stdout) as { agents: { name: string }[] }).agents.map(({ name }) => name);
}

test("without a configuration: the agents that come with Shoal", async () => {
  const { code, stdout, stderr } = await check();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^AGENT +VERSION +REPLICAS +SLOTS {2}METHODS\necho +1\.0\.0 +1 +64 {2}say, words\n/);
  expect(stdout.endsWith("ok  no configuration here: these agents come with Shoal\n")).toBe(true);
});

test("a module of agents is a configuration", async () => {
  write({ "two.ts": `${module("one", "two")}setInterval(() => {}, 1_000);\n` });
  expect(await namesIn(check(["two.ts", "--json"]))).toEqual(["one", "two"]);
});

test("a configuration in TypeScript, which may hold agents itself", async () => {
  write({
    "shoal.config.ts": `import { defineConfig } from "@shoal/node";
import { one } from "./one.ts";
export { one };
export default defineConfig({ processes: 2, agents: [one, "echo", { use: "./many.js#three", name: "drei" }] });
`,
    "one.ts": module("one"),
    "many.js": module("two", "three"),
  });
  // It is a package of its own that it imports.
  expect(await namesIn(check(["--json"]))).toEqual(["one", "echo", "drei"]);
});

test("agents of a package, with an entry for `import` alone", async () => {
  write({
    "node_modules/flock/package.json": '{"name":"flock","type":"module","exports":{".":{"import":"./a.js"}}}',
    "node_modules/flock/a.js": module("goose", "duck"),
    "shoal.yaml": "agents:\n  - flock#duck\n",
  });
  expect(await namesIn(check(["--json"]))).toEqual(["duck"]);
});

test("everything that can be wrong with an agent's module, at once", async () => {
  write({
    "shoal.yaml": `agents:
  - ./syntax.ts
  - ./enum.ts
  - ./throws.ts
  - ./package.ts
  - ./export.ts
  - ./nothing.ts
  - ./wrong.ts
  - ./two.ts#tow
  - { use: ./two.ts, name: three }
  - ./tow.ts
  - two.ts
  - "@nobody/agents"
  - ecko
  - ghost
drainTimeot: 5s
`,
    "syntax.ts": "export const a = 1;\nexport const b: number = ;\n",
    "enum.ts": "export enum A { B }\n",
    "throws.ts": 'const a: number = 1;\nthrow new Error("no key");\n',
    "package.ts": 'import "left-out";\n',
    "export.ts": 'import { nothere } from "node:fs";\nexport const a = nothere;\n',
    "nothing.ts": "export const a = 1;\n",
    "wrong.ts": module("ok").replace('"1.0.0"', '"one"'),
    "two.ts": module("one", "two"),
  });
  const { code, stderr } = await check();
  expect(code).toBe(2);
  expect(stderr.split("\n").map((line) => line.trim())).toEqual([
    "shoal: 15 mistakes:",
    'shoal.yaml:2:5  agents[0]: "./syntax.ts" cannot be loaded: Expression expected (syntax.ts:2)',
    expect.stringMatching(/^shoal\.yaml:3:5 {2}agents\[1\]: .* enum is not supported.* \(enum\.ts:1\)$/),
    'shoal.yaml:4:5  agents[2]: "./throws.ts" cannot be loaded: no key (throws.ts:2)',
    expect.stringMatching(/^shoal\.yaml:5:5 .*Cannot find package 'left-out' imported from .*package\.ts$/),
    expect.stringMatching(/^shoal\.yaml:6:5 .*does not provide an export named 'nothere' \(export\.ts:1\)$/),
    'shoal.yaml:7:5  agents[5]: "./nothing.ts" exports no agent: write `export const … = defineAgent({…})`',
    expect.stringMatching(
      /^shoal\.yaml:8:5 .*agent "ok": version "one" is not a semantic version.*\(wrong\.ts:3\)$/,
    ),
    'shoal.yaml:9:5  agents[7]: "./two.ts#tow": there is no agent among its exports called "tow"; did you mean "two"?',
    'shoal.yaml:10:5  agents[8]: "./two.ts" has several agents (one, two): pick one with "./two.ts#export" to name it "three"',
    'shoal.yaml:11:5  agents[9]: there is no file tow.ts; did you mean "./two.ts"?',
    'shoal.yaml:12:5  agents[10]: a path begins with "./": write "./two.ts"',
    'shoal.yaml:13:5  agents[11]: there is no package "@nobody/agents" here: install it. A path begins with "./"',
    'shoal.yaml:14:5  agents[12]: no agent that comes with Shoal and no package is called "ecko"; did you mean "echo"?',
    expect.stringMatching(
      /^shoal\.yaml:15:5 .*"ghost"; Shoal has echo, keywords, reader, summarizer, llm, metrics, protocol; a path/,
    ),
    'shoal.yaml:16:1  drainTimeot: unknown setting; did you mean "drainTimeout"?',
    "",
  ]);
});

test("a module that is no configuration, and one that cannot be loaded", async () => {
  write({ "a.ts": "export const a = 1;\n", "b.ts": "export default defineConfig({});\n" });
  const [none, broken] = await Promise.all([check(["a.ts"]), check(["b.ts"])]);
  expect(none).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^shoal: a\.ts {2}exports neither/) as string,
  });
  expect(broken).toMatchObject({
    code: 2,
    stderr: "shoal: b.ts  cannot be loaded: defineConfig is not defined (b.ts:1)\n",
  });
});

test("--json tells the mistakes to machines", async () => {
  write({ "shoal.yaml": "agents: [ecko]\n" });
  const { code, stdout, stderr } = await check(["--json"], { SHOAL_PROCESSES: "abc" });
  expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    ok: false,
    problems: [
      { file: "$SHOAL_PROCESSES", path: "processes", message: 'must be a whole number, not "abc"' },
      {
        file: join(cwd, "shoal.yaml"),
        line: 1,
        column: 10,
        path: "agents[0]",
        message: 'no agent that comes with Shoal and no package is called "ecko"; did you mean "echo"?',
      },
    ],
  });
});
