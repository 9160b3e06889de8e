import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { MeshClient } from "@shoal/mesh/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";
import {
  type Ended,
  PROBE,
  Shoal,
  type ShoalOptions,
  cleanUp,
  client,
  shoal,
  temporaryDirectory,
  until,
} from "../support/shoal.ts";

let server: NatsServer;
let mesh: MeshClient;

beforeAll(async () => {
  server = await startNatsServer();
  const nodes = [PROBE, PROBE].map((config) => new Shoal(["node", config, "--nats", server.url]));
  await Promise.all(nodes.map((node) => node.prints(/serving probe/)));
  mesh = await client(server.url);
});

afterAll(async () => {
  await mesh.close();
  await cleanUp();
  await server.stop();
});

/** The address by its variable, as in a container. */
function run(args: readonly string[], options: ShoalOptions = {}): Promise<Ended> {
  return shoal(args, { ...options, env: { NATS_URL: server.url, ...options.env } });
}

test("ls", async () => {
  const [table, json] = await Promise.all([run(["ls"]), run(["ls", "--json"])]);
  expect(table.stdout).toMatch(/^AGENT {2}VERSION {2}REPLICAS {2}SLOTS {2}METHODS/);
  expect(table.stdout).toMatch(/^probe {2}1\.0\.0 +2 +16 {2}pid, work/m);
  expect(JSON.parse(json.stdout)).toMatchObject([{ name: "probe", replicas: [{}, {}] }]);
});

test("ls on a mesh without agents says how to start some", async () => {
  const { code, stdout } = await run(["ls", "--root", "elsewhere"]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'No agent is on this mesh (root "elsewhere"). Start some: shoal up\n',
  });
});

test("info", async () => {
  await mesh.call("probe.pid");
  const [person, json, one] = await Promise.all([
    run(["info", "probe"]),
    run(["info", "probe", "--json"]),
    run(["info", "probe.record"]),
  ]);
  expect(person.stdout).toContain("  nats req mesh.probe.record …\n  input   { text: string }\n");
  expect(person.stdout).toMatch(/^REPLICA +SLOTS +METHOD +REQUESTS +ERRORS +AVERAGE +LAST ERROR$/m);
  expect(JSON.parse(json.stdout)).toMatchObject({ name: "probe", stats: [{}, {}] });
  expect(one.stdout).toContain("mesh.probe.record");
  expect(one.stdout).not.toContain("mesh.probe.pid");
});

test("info and ping of nobody: exit 3, with who may be meant", async () => {
  const [info, method, ping] = await Promise.all([
    run(["info", "prob"]),
    run(["info", "probe.recrod"]),
    run(["ping", "prob"]),
  ]);
  expect(info).toMatchObject({ code: 3, stderr: expect.stringContaining('Did you mean "probe"?') as string });
  expect(method).toMatchObject({ code: 1, stderr: expect.stringContaining('mean "record"?') as string });
  expect(ping).toMatchObject({ code: 3, stderr: expect.stringContaining('Did you mean "probe"?') as string });
});

test("ping", async () => {
  const [table, json] = await Promise.all([run(["ping"]), run(["ping", "probe", "--json"])]);
  expect(table.stdout.match(/^probe .* ms$/gm)).toHaveLength(2);
  expect(JSON.parse(json.stdout)).toMatchObject([{ agent: "probe" }, { agent: "probe" }]);
});

test("tail shows requests, outcomes and events", async () => {
  const [person, json] = [[], ["--json"]].map(
    (flags) => new Shoal(["tail", ...flags], { env: { NATS_URL: server.url } }),
  );
  await person?.prints(/watching mesh/);
  // Both watch when one request has been seen by both.
  await until("both to see a request", async () => {
    await mesh.call("probe.record", { text: "x" });
    return Boolean(person?.stdout.includes("probe.record") && json?.stdout.includes('"record"'));
  });
  await mesh.call("probe.fail").catch(() => {});
  await person?.prints(/ {2}→ {2}probe\.fail {2}/);
  await person?.prints(/ {2}← {2}probe\.fail {2}internal {2}[\d.]+ ms/);
  const node = new Shoal(["node", PROBE, "--nats", server.url]);
  await person?.prints(/ {2}· {2}probe {2}started {2}/);
  node.signal("SIGTERM");
  await person?.prints(/ {2}· {2}probe {2}stopped {2}/);
  for (const each of [person, json]) each?.signal("SIGINT");
  expect((await person?.ended)?.code).toBe(0);
  const seen = (await json?.ended)?.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string });
  expect(new Set(seen?.map(({ type }) => type))).toEqual(new Set(["request", "outcome", "event"]));
});

test("no colour where there is no terminal", async () => {
  expect((await run(["ls"])).stdout).not.toContain("\u001B[");
});

describe("init", () => {
  test("writes a project that passes its own check, and runs", async () => {
    const parent = temporaryDirectory();
    const made = await shoal(["init", "My Mesh"], { cwd: parent });
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toContain('\nNext:\n  cd "My Mesh"\n  npm install\n  npx shoal up\n');
    const cwd = join(parent, "My Mesh");
    expect(readdirSync(cwd).sort()).toEqual([".gitignore", "agents", "package.json", "shoal.yaml"]);
    expect(JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"))).toMatchObject({ name: "my-mesh" });
    symlinkSync(new URL("../../node_modules", import.meta.url), join(cwd, "node_modules"));
    const checked = await shoal(["check"], { cwd });
    expect(checked).toMatchObject({ code: 0, stderr: "" });
    expect(checked.stdout).toMatch(/^hello +1\.0\.0 +1 +4 {2}greet$/m);
    const node = new Shoal(["node", "--nats", server.url, "--root", "init"], { cwd });
    await node.prints(/serving hello, echo/);
    const greeted = await run(["call", "hello", "world", "--root", "init"]);
    expect(greeted.stdout).toBe("Hello, world! You are number 1 here.\n");
  });

  test("never overwrites: exit 2, and nothing is written", async () => {
    const cwd = temporaryDirectory({ "shoal.yaml": "agents: [echo]\n" });
    const { code, stderr } = await shoal(["init"], { cwd });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "shoal: shoal.yaml  exists already; nothing was written\n",
    });
    expect(readdirSync(cwd)).toEqual(["shoal.yaml"]);
  });

  test("beside a package.json of one's own, which is left as it is", async () => {
    const cwd = temporaryDirectory({ "package.json": '{"name":"mine"}' });
    const { code, stdout } = await shoal(["init"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain("package.json is left as it is");
    expect(stdout).toContain("npm install @shoal/mesh @shoal/node zod");
    expect(stdout).toContain('"type": "module"');
    expect(readFileSync(join(cwd, "package.json"), "utf8")).toBe('{"name":"mine"}');
  });
});

describe("completion", () => {
  test("bash offers commands, flags, agents and methods", async () => {
    const { stdout: script } = await shoal(["completion", "bash"]);
    const complete = (...words: string[]): string[] => {
      const line = words.map((word) => `"${word}"`).join(" ");
      const { stdout, stderr } = spawnSync(
        "bash",
        [
          "-c",
          `shoal() { NATS_URL=${server.url} ${command("")} "$@"; }\n${script}\nCOMP_WORDS=(shoal ${line}); COMP_CWORD=${words.length}; _shoal; printf '%s\\n' "\${COMPREPLY[@]}"`,
        ],
        { encoding: "utf8" },
      );
      expect(stderr).toBe("");
      return stdout.trim().split("\n");
    };
    expect(complete("c")).toEqual(["check", "call", "cache", "completion"]);
    expect(complete("cache", "")).toEqual(["clear"]);
    expect(complete("cache", "clear", "probe.t")).toEqual(["probe.tick"]);
    expect(complete("call", "--js")).toEqual(["--json"]);
    expect(complete("call", "probe.t")).toEqual(["probe.tick"]);
    expect(complete("info", "pr")).toEqual(["probe"]);
  });

  test("an unknown shell: exit 2, and which there are", async () => {
    const { code, stderr } = await shoal(["completion", "tcsh"]);
    expect(code).toBe(2);
    expect(stderr).toContain("Allowed choices are bash, zsh, fish");
  });
});

function command(rest: string): string {
  const bin = new URL("../../src/bin.ts", import.meta.url).pathname;
  return `${process.execPath} --conditions=shoal-source ${bin} ${rest}`;
}

test("cache clear: says what is missing, what goes not together, and who keeps nothing", async () => {
  const [none, both, nobody, help] = await Promise.all([
    run(["cache", "clear", "probe"]),
    run(["cache", "clear", "probe", "--all", "--tag", "a"]),
    run(["cache", "clear", "probe", "--all"]),
    run(["cache", "clear", "--help"]),
  ]);
  expect(none).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("say what to clear: --key") as string,
  });
  expect(both.code).toBe(2);
  expect(nobody).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('no replica on this mesh keeps answers of "probe"') as string,
  });
  expect(help.stdout).toContain("shoal cache clear gpt --all");
});
