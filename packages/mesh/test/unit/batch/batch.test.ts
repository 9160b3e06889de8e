import * as fc from "fast-check";
import { expect, test } from "vitest";
import { batchBy } from "../../../src/batch/batch.ts";
import type { BatchOptions, BatchProgress, BatchWorker, Items, Settled } from "../../../src/batch/options.ts";
import { MeshError } from "../../../src/errors.ts";
import { Gate, turns } from "../../support/actor-fixture.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";

const clock = new ManualClock();

const run = <I, O>(
  items: Items<I>,
  options: BatchOptions,
  worker: BatchWorker<I, O>,
): ReturnType<typeof batchBy<I, O>> => batchBy(clock, items, options, worker);

function count(to: number): number[] {
  return Array.from({ length: to }, (_, n) => n);
}

test("results are settled, typed, and in the order of the items", async () => {
  const results = await run(["1", "2", "x"], { concurrency: 2 }, async (text) => {
    await turns(1);
    if (text === "x") throw new MeshError("bad_request", "no number");
    return Number(text);
  }).collect();
  expect(results).toEqual([
    { index: 0, item: "1", status: "fulfilled", value: 1 },
    { index: 1, item: "2", status: "fulfilled", value: 2 },
    {
      index: 2,
      item: "x",
      status: "rejected",
      reason: expect.objectContaining({ code: "bad_request" }) as unknown,
    },
  ]);
});

test("E1, E2, E3: every item once, in order or as they come, within the limit and the window, failures included", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        outcomes: fc.array(fc.record({ turns: fc.nat(4), fails: fc.boolean() }), { maxLength: 60 }),
        concurrency: fc.integer({ min: 1, max: 8 }),
        window: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
        ordered: fc.boolean(),
        isAsync: fc.boolean(),
      }),
      async ({ outcomes, concurrency, window, ordered, isAsync }) => {
        let held = 0;
        let running = 0;
        const worked: number[] = [];
        const items = isAsync ? asynchronously(outcomes.keys()) : outcomes.keys();
        const options = { concurrency, ordered, ...(window === undefined ? {} : { window }) };
        const indices: number[] = [];
        const worker = async (item: number): Promise<number> => {
          worked.push(item);
          expect(++held).toBeLessThanOrEqual(window ?? 2 * concurrency);
          expect(++running).toBeLessThanOrEqual(concurrency);
          await turns(outcomes[item]?.turns ?? 0);
          running--;
          if (outcomes[item]?.fails) throw new Error("no");
          return item;
        };
        for await (const { index, item, status } of run(items, options, worker)) {
          expect(item).toBe(index);
          expect(status).toBe(outcomes[item]?.fails ? "rejected" : "fulfilled");
          indices.push(index);
          held--;
        }
        expect(worked).toEqual([...outcomes.keys()]);
        expect(ordered ? indices : indices.sort((a, b) => a - b)).toEqual([...outcomes.keys()]);
      },
    ),
    { numRuns: 60 },
  );
});

test("E2: a million items from a generator, and never more alive than the window", async () => {
  let made = 0;
  let taken = 0;
  let most = 0;
  function* items(): Generator<number> {
    while (made < 1_000_000) {
      made++;
      most = Math.max(most, made - taken);
      yield made;
    }
  }
  let sum = 0;
  for await (const result of run(items(), { concurrency: 50, window: 64 }, (n) => n)) {
    if (result.status === "fulfilled") sum += result.value;
    taken++;
  }
  expect(sum).toBe(500_000_500_000);
  expect(most).toBe(64);
}, 30_000);

test.each([true, false])(
  "E2: nobody takes the results (ordered: %s): reading stops at the window",
  async (ordered) => {
    let read = 0;
    function* endless(): Generator<number> {
      for (;;) yield read++;
    }
    const head = new Gate<number>();
    const results = run(endless(), { concurrency: 4, ordered }, (n) => (n === 0 ? head.promise : n));
    const reader = results[Symbol.asyncIterator]();
    const first = reader.next();
    await turns(20);
    // In order: item 0 is late, and seven wait behind it. As they come: the reader has one before it.
    expect(read).toBe(8);
    head.open(0);
    await first;
    await turns(20);
    expect(read).toBe(8);
    await reader.next();
    expect(read).toBe(9);
    await reader.return?.();
  },
);

test("E5: one that ends makes room at once: a slow one holds up nobody but the window", async () => {
  const slow = new Gate<number>();
  const started: number[] = [];
  const results = run(count(20), { concurrency: 2, ordered: false, window: 100 }, (n) => {
    started.push(n);
    return n === 0 ? slow.promise : n;
  });
  const seen: number[] = [];
  for await (const { index } of results) {
    seen.push(index);
    if (seen.length === 19) slow.open(0);
  }
  expect(started).toEqual(count(20));
  expect(seen).toEqual([...count(20).slice(1), 0]);
});

test("E1: a limit that grows in mid-batch makes 100 calls for 100 messages, and one that shrinks skips none", async () => {
  // The hand-written pattern made 444 calls when it grew, and left out 49 messages when it shrank.
  for (const tookMs of [100, 3_000]) {
    const calls: number[] = [];
    const results = await run(count(100), { concurrency: { policy: "simple" } }, async (n) => {
      calls.push(n);
      await turns(1);
      clock.advance(calls.length === 50 ? 20_000 : tookMs);
      return n;
    }).collect();
    expect(calls).toEqual(count(100));
    expect(results.map(({ index }) => index)).toEqual(count(100));
  }
});

test("E3: failures lower the limit, and the batch goes on", async () => {
  const limits: number[] = [];
  const options: BatchOptions = {
    concurrency: { policy: "aimd", min: 1, max: 16 },
    onProgress: ({ limit }) => limits.push(limit),
  };
  const results = await run(count(200), options, async (n) => {
    await turns(1);
    clock.advance(1);
    if (n >= 50 && n < 150) throw new MeshError("overloaded", "too much");
    return n;
  }).collect();
  expect(results.filter(({ status }) => status === "rejected")).toHaveLength(100);
  expect(limits[49]).toBe(16);
  expect(Math.min(...limits)).toBeLessThan(8);
});

test("progress tells how far it is, and how many there are as soon as that is known", async () => {
  const seen: BatchProgress[] = [];
  const options = { concurrency: 2, onProgress: (progress: BatchProgress) => seen.push(progress) };
  const worker = (n: number): Promise<number> =>
    n === 1 ? Promise.reject(new Error("no")) : Promise.resolve(n);
  await run(count(3), options, worker).collect();
  expect(seen).toEqual([
    { done: 1, ok: 1, failed: 0, inFlight: 2, limit: 2, total: 3 },
    { done: 2, ok: 1, failed: 1, inFlight: 1, limit: 2, total: 3 },
    { done: 3, ok: 2, failed: 1, inFlight: 0, limit: 2, total: 3 },
  ]);
  seen.length = 0;
  await run(count(3).values(), options, worker).collect();
  expect(seen.map(({ total }) => total)).toEqual([undefined, 3, 3]);
});

test("what onProgress throws ends the batch", async () => {
  const options = {
    onProgress: (): void => {
      throw new Error("no screen");
    },
  };
  await expect(run(count(9), options, (n) => n).collect()).rejects.toThrow("no screen");
});

test("E4: leaving the loop early cancels what runs, reads no more, and lets the source clean up", async () => {
  let read = 0;
  let isClean = false;
  function* items(): Generator<number> {
    try {
      for (;;) yield read++;
    } finally {
      isClean = true;
    }
  }
  const signals: AbortSignal[] = [];
  const worker: BatchWorker<number, number> = (n, { signal }) => {
    signals.push(signal);
    return n === 0 ? n : new Promise(() => {});
  };
  for await (const { index } of run(items(), { concurrency: 3 }, worker)) {
    expect(index).toBe(0);
    break;
  }
  expect(isClean).toBe(true);
  const { length } = signals;
  expect(signals.every(({ aborted, reason }) => aborted && (reason as MeshError).code === "cancelled")).toBe(
    true,
  );
  await turns(5);
  expect([signals.length, read]).toEqual([length, length]);
});

test("E4: a signal that fires ends the loop with `cancelled`, whether anyone is waiting or not", async () => {
  const controller = new AbortController();
  const isAborted: boolean[] = [];
  const results = run(count(9), { concurrency: 2, signal: controller.signal }, (_n, { signal }) => {
    signal.addEventListener("abort", () => isAborted.push(signal.aborted));
    return new Promise(() => {});
  });
  const collecting = results.collect();
  await turns(1);
  controller.abort(new Error("enough"));
  await expect(collecting).rejects.toMatchObject({ code: "cancelled", cause: { message: "enough" } });
  expect(isAborted).toEqual([true, true]);
  const late = run(count(9), { signal: controller.signal }, () => expect.unreachable());
  await expect(late.collect()).rejects.toMatchObject({ code: "cancelled" });
});

test("what the items throw comes after the results of those before", async () => {
  async function* broken(): AsyncGenerator<number> {
    yield 1;
    yield 2;
    throw new Error("the file ends here");
  }
  const seen: Settled<number, number>[] = [];
  const reading = async (): Promise<void> => {
    for await (const result of run(broken(), { concurrency: 4 }, (n) => n)) seen.push(result);
  };
  await expect(reading()).rejects.toThrow("the file ends here");
  expect(seen.map(({ item }) => item)).toEqual([1, 2]);
});

test("a batch is lazy, and can be read once", async () => {
  let calls = 0;
  const results = run(count(3), {}, () => ++calls);
  await turns(3);
  expect(calls).toBe(0);
  await results.collect();
  await expect(results.collect()).rejects.toMatchObject({ code: "bad_request" });
  expect(calls).toBe(3);
});

test("nothing to do is done at once, and what makes no sense is refused", async () => {
  expect(await run([], {}, (n) => n).collect()).toEqual([]);
  expect(() => run(count(1), { concurrency: 0 }, (n) => n)).toThrow("batch: concurrency is 0");
  expect(() => run(count(1), { window: 0 }, (n) => n)).toThrow("batch: window is 0");
  expect(() => run(5 as never, {}, (n) => n)).toThrow("a batch needs items");
});

async function* asynchronously<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await turns(1);
    yield item;
  }
}
