import { afterAll, beforeAll, expect, test } from "vitest";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";
import { type Ended, PROBE, Shoal, cleanUp, shoal } from "../support/shoal.ts";

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  const node = new Shoal(["node", PROBE, "--nats", server.url]);
  await node.prints(/serving probe/);
});

afterAll(async () => {
  await cleanUp();
  await server.stop();
});

const run = (...args: string[]): Promise<Ended> => shoal([...args, "--nats", server.url]);
const json = async (...args: string[]): Promise<unknown> => JSON.parse((await run(...args, "--json")).stdout);

test("a task is submitted, and its result waited for", async () => {
  const submitted = await run("submit", "probe.record", "hello");
  expect(submitted).toMatchObject({ code: 0, stderr: "" });
  const id = submitted.stdout.trim();
  expect(id).toMatch(/^\d+$/);
  const result = await run("task", "result", id);
  expect(result).toEqual({ code: 0, stdout: '{"text":"hello","length":5}\n', stderr: "" });
  const waited = await run("submit", "probe.record", '{"text":"hi"}', "--wait");
  expect(waited.stdout).toBe('{"text":"hi","length":2}\n');
});

test("tasks are listed, described, filtered and cancelled", async () => {
  await run("submit", "probe.work", '{"ms":60000}', "--id", "long-one", "--tag", "slow", "--tag", "x");
  await run("submit", "probe.pid", "--id", "later", "--delay", "1h");
  await expect.poll(async () => json("task", "show", "long-one")).toMatchObject({ state: "running" });
  expect(await json("task", "ls", "probe.work", "--state", "running")).toMatchObject([
    { id: "long-one", agent: "probe", method: "work", tags: ["slow", "x"] },
  ]);
  const { stdout } = await run("task", "ls", "--tag", "slow");
  expect(stdout).toMatch(/^TASK +FOR +STATE +SUBMITTED +ATTEMPTS +TAGS +ERROR\n/);
  expect(stdout).toMatch(/long-one +probe\.work +running .* slow,x/);
  expect(await run("task", "cancel", "long-one")).toMatchObject({
    code: 0,
    stdout: "long-one is cancelled.\n",
  });
  expect((await run("task", "cancel", "later")).stdout).toBe("later is cancelled.\n");
  expect((await run("task", "cancel", "later")).stdout).toBe("later had ended already: it is cancelled.\n");
  const shown = (await run("task", "show", "long-one")).stdout;
  expect(shown).toMatch(/^long-one {2}probe\.work {2}cancelled\nsubmitted/);
  expect((await run("task", "result", "long-one")).code).toBe(130);
});

test("a dead letter is listed, read and tried again", async () => {
  await run("submit", "probe.record", "[1]", "--id", "wrong");
  const result = await run("task", "result", "wrong");
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toContain("the input of probe.record is not valid");
  expect((await run("dead", "ls")).stdout).toMatch(/wrong +probe\.record +dead/);
  expect((await run("dead", "show", "wrong")).stdout).toContain("INPUT\n[\n  1\n]");
  expect(await json("dead", "ls", "probe")).toMatchObject([{ id: "wrong", error: { error: "bad_request" } }]);
  expect((await run("dead", "retry", "--all", "--target", "probe.record")).stdout).toBe(
    "Submitted again: wrong\n",
  );
  await expect.poll(async () => json("task", "show", "wrong")).toMatchObject({ state: "dead" });
});

test("what makes no sense, or is not there, is an error that says so", async () => {
  const unknown = await run("task", "show", "nothing");
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(unknown.stderr).toContain("no task nothing is known");
  const digits = await run("submit", "probe.pid", "--id", "17");
  expect(digits).toMatchObject({ code: 2 });
  expect(digits.stderr).toContain("not digits alone");
  expect((await run("dead", "retry")).code).toBe(2);
  expect((await run("dead", "show", "nothing")).stderr).toContain("there is no dead letter nothing");
  expect((await run("submit", "probe.pid", "--delay", "soon")).stderr).toContain("is no time");
});
