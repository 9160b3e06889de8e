import { expect, test } from "vitest";
import { MeshError } from "../../../src/errors.ts";
import { fails, hangs } from "../../support/scripted-agent.ts";
import { alone, broken, down, outcome, statusOf, supervised } from "../../support/supervised.ts";

/** The supervisor's one target fails so often that it is left alone for 10 s. */
async function open(options = {}) {
  const parts = await supervised({ retry: false, breaker: { minimum: 2, halfOpenAfter: "10s" }, ...options });
  const { gpt, ask } = parts;
  gpt.script = fails(broken);
  for (let i = 0; i < 2; i++) await outcome(ask());
  gpt.runs.length = 0;
  return parts;
}

test("a breaker leaves a failing target alone, and tries it again after a while", async () => {
  const { world, ask, gpt, client } = await supervised({
    retry: false,
    breaker: { minimum: 4, halfOpenAfter: "10s" },
  });
  const events: string[] = [];
  client.observe((seen) => {
    if (seen.type === "event" && seen.kind === "breaker") events.push(String(seen.fields["state"]));
  });
  gpt.script = fails(broken);
  for (let i = 0; i < 6; i++) expect(await ask()).toBe("llama: hi");
  expect(gpt.runs).toHaveLength(4);
  gpt.script = () => "well";
  await world.advance(9_000);
  expect(await ask()).toBe("llama: hi");
  await world.advance(1_000);
  expect(await ask()).toBe("well");
  expect(await ask()).toBe("well");
  await world.advance(5);
  expect(events).toEqual(["open", "half-open", "closed"]);
});

test("timeouts open a breaker too, and all breakers open is an error that says when to come again", async () => {
  const { ask, gpt, llama } = await supervised({ retry: false, timeout: 20, breaker: { minimum: 2 } });
  gpt.script = hangs;
  llama.script = hangs;
  await outcome(ask());
  await outcome(ask());
  const error = (await outcome(ask())) as MeshError;
  expect(error).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("its breaker is open") as string,
  });
  expect(error.retryAfterS).toBeGreaterThan(9);
  expect(gpt.runs).toHaveLength(2);
});

test("while one attempt tries a target, others go elsewhere", async () => {
  const { world, ask, gpt, client } = await open();
  await world.advance(10_000);
  gpt.script = hangs;
  const trial = outcome(client.call("assistant.ask", "trial", { timeout: "2s" }));
  await world.advance(20);
  expect(await ask()).toBe("llama: hi");
  expect(gpt.runs).toHaveLength(1);
  expect(await world.settle(trial)).toBe("llama: trial");
});

test("a trial that is given up says nothing: the target is left alone for longer", async () => {
  const { world, gpt, client } = await open();
  await world.advance(10_000);
  gpt.script = hangs;
  const giveUp = new AbortController();
  const trial = outcome(client.call("assistant.ask", "trial", { signal: giveUp.signal }));
  await world.advance(60);
  giveUp.abort();
  await world.settle(trial);
  await world.advance(20);
  expect(gpt.runs[0]?.signal.aborted).toBe(true);
  expect((await statusOf(world, client)).targets[0]).toMatchObject({ breaker: "open" });
});

test("a breaker that opens while a retry waits ends it, with what was tried", async () => {
  const { world, gpt, client } = await supervised({
    ...alone("ask"),
    retry: { attempts: 2, backoff: 100, jitter: "none" },
    breaker: { minimum: 3 },
  });
  gpt.script = fails(down);
  const call = (): Promise<unknown> => outcome(client.call("assistant.ask", "x", { timeout: "4s" }));
  const first = call();
  await world.advance(10);
  const [error] = await world.settle(Promise.all([first, call(), call()]));
  expect(error).toMatchObject({ code: "unavailable", details: { attempts: [{ message: "not now" }] } });
  expect(gpt.runs).toHaveLength(3);
});

test("a retry does not wait for the outcome of another request's trial", async () => {
  const { world, gpt, client } = await supervised({
    retry: { attempts: 2, backoff: 300, jitter: "none" },
    breaker: { minimum: 3, halfOpenAfter: 100 },
  });
  gpt.script = fails(down);
  const call = (input: string): Promise<unknown> =>
    outcome(client.call("assistant.ask", input, { timeout: "2s" }));
  const waits = call("waits");
  await world.advance(10);
  void Promise.all([call("x"), call("y")]);
  await world.advance(150);
  gpt.script = hangs;
  void call("trial");
  await world.advance(160);
  expect(await waits).toBe("llama: waits");
});

test("callers that wait too little open no breaker", async () => {
  const { ask, gpt, world } = await supervised({ retry: false });
  gpt.script = async () => {
    await new Promise<void>((resolve) => world.clock.after(60, resolve));
    return "gpt";
  };
  for (let i = 0; i < 25; i++) await outcome(ask("x", { timeout: 20 }));
  expect(await ask()).toBe("gpt");
  // A target that has always taken 60 ms, and no longer answers in 1 s, is another matter.
  for (let i = 0; i < 20; i++) await ask();
  gpt.script = hangs;
  for (let i = 0; i < 60; i++) await outcome(ask("x", { timeout: "2s" }));
  gpt.runs.length = 0;
  expect(await ask()).toBe("llama: hi");
  expect(gpt.runs).toHaveLength(0);
});

test("a target whose streams break off is left alone too", async () => {
  const { gpt, llama, client, collect, world } = await supervised({ breaker: { minimum: 4 } }, ["tell"]);
  gpt.stream = async function* () {
    yield "a";
    throw new MeshError("internal", "broken");
  };
  for (let i = 0; i < 4; i++) expect(await collect()).toMatchObject({ error: { code: "internal" } });
  expect((await statusOf(world, client)).targets[0]).toMatchObject({
    attempts: 4,
    failures: 4,
    breaker: "open",
    lastError: "internal",
  });
  await collect();
  expect([gpt.runs.length, llama.runs.length]).toEqual([4, 1]);
});
