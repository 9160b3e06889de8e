import { afterAll, beforeAll, expect, test } from "vitest";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";
import { type Ended, Shoal, cleanUp, shoal, temporaryDirectory } from "../support/shoal.ts";

const TAB = fileURLToPath(new URL("../fixtures/tab.ts", import.meta.url));
let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  const nodes = [TAB, TAB].map((config) => new Shoal(["node", config, "--nats", server.url]));
  await Promise.all(nodes.map((node) => node.prints(/serving tab/)));
});

afterAll(async () => {
  await cleanUp();
  await server.stop();
});

const run = (...args: string[]): Promise<Ended> => shoal([...args, "--nats", server.url]);
const json = async (...args: string[]): Promise<unknown> => JSON.parse((await run(...args, "--json")).stdout);

test("a session is the same on every node, and is listed, described and cleared", async () => {
  for (const what of ["tea", "cake", "milk"]) await run("call", "tab.add", what, "--session", "a/7");
  await run("call", "tab.add", '{"what":"beer","table":"8"}');
  expect(await json("call", "tab.add", "juice", "--session", "a/7")).toEqual([
    "tea",
    "cake",
    "milk",
    "juice",
  ]);
  const { stdout } = await run("session", "ls");
  expect(stdout).toMatch(/^AGENT +SESSION +CHANGES +BYTES +STORED +REPLICA\n/);
  expect(stdout).toMatch(/^tab +a\/7 +4 +\d+ +(\d+ s ago|now) +\w+-1$/m);
  expect(await json("session", "ls", "tab")).toMatchObject([
    { agent: "tab", id: "8", changes: 1 },
    { agent: "tab", id: "a/7", changes: 4 },
  ]);
  expect((await run("session", "show", "tab", "a/7")).stdout).toMatch(
    /^a\/7 {2}tab\ncreated +\d+ s ago\nstored +(\d+ s ago|now)\nchanges +4\n/,
  );
  expect(await json("session", "show", "tab", "a/7")).toMatchObject({
    state: { had: ["tea", "cake", "milk", "juice"] },
  });
  expect(await json("call", "tab.find", "cake", "--session", "a/7")).toEqual(["cake"]);
  expect(await run("session", "clear", "tab", "a/7")).toMatchObject({
    code: 0,
    stdout: "cleared 1 session of tab\n",
  });
  expect(await json("call", "tab.find", "cake", "--session", "a/7")).toEqual([]);
  expect(await json("call", "tab.add", "water", "--session", "a/7")).toEqual(["water"]);
  expect((await run("session", "clear", "tab", "--all")).stdout).toBe("cleared 2 sessions of tab\n");
  expect((await run("session", "ls")).stdout).toBe("No such session.\n");
}, 60_000);

test("agents in threads of their own have sessions, and their memory", async () => {
  const file = join(temporaryDirectory(), "threads.yaml");
  writeFileSync(file, `root: threads\nagents: [{ use: ${TAB}, worker: true }]\n`);
  const node = new Shoal(["node", file, "--nats", server.url]);
  await node.prints(/serving tab/);
  const call = (...args: string[]): Promise<unknown> =>
    json("call", ...args, "--session", "one", "--root", "threads");
  expect(await call("tab.add", "tea")).toEqual(["tea"]);
  expect(await call("tab.add", "cake")).toEqual(["tea", "cake"]);
  expect(await call("tab.find", "cake")).toEqual(["cake"]);
  expect((await run("call", "tab.add", "tea", "--root", "threads")).stderr).toContain("Shoal-Session");
  await call("tab.end", "{}");
  expect(await call("tab.add", "milk")).toEqual(["milk"]);
}, 30_000);

test("a session that is not there, and a command that says too little or too much, are told so", async () => {
  const [missing, cleared, nothing, both] = await Promise.all([
    run("session", "show", "tab", "nobody"),
    run("session", "clear", "tab", "nobody"),
    run("session", "clear", "tab"),
    run("session", "clear", "tab", "a", "--all"),
  ]);
  expect(missing).toMatchObject({ code: 1, stdout: "" });
  expect(missing.stderr).toContain('"tab" has no session "nobody"');
  expect(cleared.code).toBe(1);
  expect(nothing.stderr).toContain("say what to clear");
  expect(both.stderr).toContain("say what to clear");
});

test("an agent with sessions does not start where there is no JetStream, and says why", async () => {
  const bare = await startNatsServer();
  const { code, stderr } = await shoal(["node", TAB, "--nats", bare.url]);
  expect(code).toBe(3);
  expect(stderr).toContain("sessions are kept in JetStream");
  await bare.stop();
}, 20_000);
