import * as fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { type ItemResult, methodOf, pipeline } from "../../../src/index.ts";
import { StageSlots } from "../../../src/pipeline/stage-slots.ts";
import { turns } from "../../support/actor-fixture.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { PipelineWorld } from "../../support/pipelined.ts";
import { ScriptedAgent, fails } from "../../support/scripted-agent.ts";
import { broken } from "../../support/supervised.ts";

const word = z.string().min(1);

async function world(options = {}) {
  const mesh = new PipelineWorld();
  const line = pipeline({ name: "line", input: word, clock: mesh.clock, ...options });
  const each = async (items: unknown[], more = {}): Promise<ItemResult<unknown>[]> => {
    const client = await mesh.client();
    return (await mesh.mesh.settle(
      client.stream("line.each", { items, ...more }, { timeout: "20s" }).collect(),
    )) as ItemResult<unknown>[];
  };
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => mesh.clock.after(ms, () => resolve(undefined)));
  return { mesh, line, each, sleep };
}

test("P16: every item has one result, failures, skips and items that are not valid included", async () => {
  const { mesh, line, each } = await world();
  await mesh.serve(
    line
      .stage("try", (text) => (text === "bad" ? fails(broken)() : text))
      .gate("short", (text) => text.length < 5, { onError: "skip" })
      .stage("safe", (text) => (text === "so" ? fails(broken)() : text), { onError: "continue" })
      .build(),
  );
  expect(await each(["one", "bad", "longer", "", 7, "so"])).toMatchObject([
    { index: 0, status: "fulfilled", value: "one" },
    { index: 1, status: "rejected", error: { code: "internal", details: { stage: "try", index: 1 } } },
    { index: 2, status: "skipped", error: { code: "bad_request", details: { stage: "short" } } },
    { index: 3, status: "rejected", error: { code: "bad_request", details: { stage: "input", index: 3 } } },
    { index: 4, status: "rejected", error: { code: "bad_request", details: { stage: "input" } } },
    { index: 5, status: "fulfilled", value: "so", degraded: { by: "continue" } },
  ]);
});

test("P16: in order unless told otherwise; no item waits for another, nor a stage for all of the one before", async () => {
  const { mesh, line, each, sleep } = await world();
  const seen: string[] = [];
  await mesh.serve(
    line
      .stage("wait", async (text) => (await sleep(Number(text) * 10), text))
      .stage("note", (text) => (seen.push(text), text))
      .build(),
  );
  const items = ["9", "1", "5", "2"];
  const values = (results: ItemResult<unknown>[]): unknown[] =>
    results.map((result) => (result.status === "fulfilled" ? result.value : result.error.message));
  expect(values(await each(items))).toEqual(items);
  // The last stage has had the quick ones while the first item was still in the first.
  expect(seen).toEqual(["1", "2", "5", "9"]);
  expect(values(await each(items, { ordered: false }))).toEqual(["1", "2", "5", "9"]);
});

test("P12: of a stage no more items are at work than its concurrency, whatever the next one does", async () => {
  const { mesh, line, each, sleep } = await world({ items: 8 });
  const most = { narrow: 0, wide: 0 };
  const now = { narrow: 0, wide: 0 };
  const stage =
    (name: keyof typeof now, ms: number) =>
    async (text: string): Promise<string> => {
      most[name] = Math.max(most[name], ++now[name]);
      await sleep(ms);
      now[name]--;
      return text;
    };
  await mesh.serve(
    line
      .stage("narrow", stage("narrow", 10), { concurrency: 2 })
      .stage("wide", stage("wide", 40), { concurrency: 5 })
      .build(),
  );
  const before = mesh.clock.now();
  expect(await each(Array.from({ length: 24 }, (_each, n) => `${n}`))).toHaveLength(24);
  expect(most.narrow).toBe(2);
  expect(most.wide).toBe(5);
  // Both at once: one after the other for all would take 120 + 200.
  expect(mesh.clock.now() - before).toBeLessThan(290);
});

test("P12: several requests share a stage's room, and one that is given up leaves the line", async () => {
  const { mesh, line } = await world();
  const release: (() => void)[] = [];
  await mesh.serve(
    line
      .stage("one", (text) => new Promise<string>((resolve) => release.push(() => resolve(text))), {
        concurrency: 1,
      })
      .build(),
  );
  const client = await mesh.client();
  const giveUp = new AbortController();
  const calls = ["a", "b", "c"].map((item) =>
    client
      .call("line", item, item === "b" ? { signal: giveUp.signal } : {})
      .catch((error: { code: string }) => error.code),
  );
  await mesh.mesh.advance(20);
  expect(release).toHaveLength(1);
  giveUp.abort();
  await mesh.mesh.advance(20);
  release[0]?.();
  await mesh.mesh.advance(20);
  release[1]?.();
  expect(await mesh.mesh.settle(Promise.all(calls))).toEqual(["a", "cancelled", "c"]);
});

test("P12: room is never given twice, and the line is served in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ turns: fc.nat(4), leaves: fc.boolean() }), { maxLength: 30 }),
      async (limit, items) => {
        const slots = new StageSlots(new ManualClock(), limit);
        let running = 0;
        const entered: number[] = [];
        const work = items.map(async ({ turns: count, leaves }, index) => {
          const giveUp = new AbortController();
          const entering = slots.enter(giveUp.signal);
          if (leaves) giveUp.abort();
          try {
            await entering;
          } catch {
            return;
          }
          entered.push(index);
          expect(++running).toBeLessThanOrEqual(limit);
          await turns(count + 1);
          running--;
          slots.leave(0, "ok");
        });
        await Promise.all(work);
        expect(entered).toEqual(entered.toSorted((a, b) => a - b));
        expect([slots.running, slots.waiting]).toEqual([0, 0]);
      },
    ),
    { numRuns: 50 },
  );
});

test("P16: a reader that takes its time is not run ahead of: items are begun as results are taken", async () => {
  const { mesh, line } = await world({ items: 2 });
  let begun = 0;
  await mesh.serve(line.stage("count", (text) => (begun++, text.repeat(20_000))).build());
  const client = await mesh.client();
  const items = Array.from({ length: 400 }, () => "x");
  // One chunk of 20 kB costs 5 units.
  const results = client.stream("line.each", { items }, { window: 20, timeout: "20s" });
  const reading = results[Symbol.asyncIterator]();
  await mesh.mesh.settle(reading.next());
  await mesh.mesh.advance(100);
  expect(begun).toBeLessThan(20);
  const before = begun;
  for (let n = 0; n < 8; n++) await mesh.mesh.settle(reading.next());
  await mesh.mesh.advance(50);
  expect(begun).toBeGreaterThan(before);
  expect(begun).toBeLessThan(40);
  await mesh.mesh.settle(reading.return?.() as Promise<unknown>);
  await mesh.mesh.advance(100);
  const after = begun;
  await mesh.mesh.advance(100);
  // Leaving ends it.
  expect(begun).toBe(after);
});

test("P16: items of the caller's own source flow through `run` with the caller's batch", async () => {
  const mesh = new PipelineWorld();
  const a = new ScriptedAgent("a");
  const line = pipeline({ name: "line", input: word, clock: mesh.clock })
    .stage("ask", methodOf(a.agent, "ask"))
    .build();
  await mesh.serve(a.agent, line);
  const client = await mesh.client();
  let read = 0;
  function* source(): Generator<string> {
    for (;;) yield `${read++}`;
  }
  const taken: unknown[] = [];
  const reading = (async () => {
    for await (const result of client.batch(client.agent(line).run, source(), { concurrency: 3 })) {
      taken.push(result.status === "fulfilled" ? result.value : result.reason);
      if (taken.length === 10) break;
    }
  })();
  await mesh.mesh.settle(reading);
  expect(taken).toEqual(Array.from({ length: 10 }, (_each, n) => `a: ${n}`));
  expect(read).toBeLessThanOrEqual(16);
});
