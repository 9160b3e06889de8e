import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { type MeshError, defineAgent } from "../../../src/index.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { ledger } from "../../support/session-agents.ts";
import { turns } from "../../../src/testing/turns.ts";
import { keptSessions, poolOf } from "../../support/session-pool.ts";

afterEach(() => void vi.restoreAllMocks());

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "ok",
    (error: MeshError) => error.code,
  );
const range = (count: number): number[] => Array.from({ length: count }, (_each, n) => n);

test("SE1: requests of one session are worked on one at a time, wherever in the pool they come", async () => {
  const { world, runs, add } = await poolOf(4);
  const book = "one";
  for (const n of range(20)) await world.settle(add({ book, n }));
  const { entries, by } = await world.settle(add({ book, n: 20 }));
  expect(entries).toEqual(range(21));
  // It was no luck: they have come to several replicas.
  expect(new Set(by).size).toBeGreaterThan(1);
  expect(runs).toHaveLength(21);
  await world.close();
});

test("SE1: 40 requests of one session at once, from four clients, have their turns one after another", async () => {
  const { world, add } = await poolOf(4);
  const apps = await Promise.all(range(4).map(() => world.member()));
  const all = range(40).map(async (n) => apps[n % 4]?.agent(ledger).add({ book: "busy", n, ms: 5 }));
  // The handler itself fails when two are at it.
  await world.settle(Promise.all(all), "60s");
  const { entries } = await world.settle(add({ book: "busy", n: 40 }));
  expect(entries).toHaveLength(41);
  expect(new Set(entries)).toEqual(new Set(range(41)));
  // SE7: those of each client in its order.
  for (const client of range(4)) {
    const own = entries.filter((n) => n < 40 && n % 4 === client);
    expect(own).toEqual([...own].toSorted((a, b) => a - b));
  }
  await world.close();
});

test("SE7: what one client asks at once is worked on in its order, by contract and by name", async () => {
  const { world, app, add, read } = await poolOf(4);
  await world.settle(Promise.all(range(30).map((n) => add({ book: "order", n }))), "30s");
  expect((await world.settle(read({ book: "order" }))).entries).toEqual(range(30));
  const named = range(30).map((n) => app.call("ledger.add", { n }, { session: "named" }));
  await world.settle(Promise.all(named), "30s");
  expect((await world.settle(read({ book: "named" }))).entries).toEqual(range(30));
  await world.close();
});

test("SE1: sessions do not wait for each other", async () => {
  const { world, add } = await poolOf(2);
  const slow = add({ book: "slow", n: 1, ms: 1_000 });
  await world.advance(50);
  await world.settle(add({ book: "fast", n: 1 }), "100ms");
  await world.settle(slow);
  await world.close();
});

test("SE2: a request that fails leaves the session as it was", async () => {
  const { world, add, read } = await poolOf(2);
  await world.settle(add({ book: "b", n: 1 }));
  expect(await world.settle(codeOf(add({ book: "b", n: 2, fails: true })))).toBe("forbidden");
  expect((await world.settle(read({ book: "b" }))).entries).toEqual([1]);
  await world.close();
});

test("SE2: what a caller has given up changes nothing, and the next one waits until its handler has returned", async () => {
  const { world, add, read } = await poolOf(2);
  await world.settle(add({ book: "b", n: 1 }));
  expect(await world.settle(codeOf(add({ book: "b", n: 2, ms: 500 }, { timeout: 100 })))).toBe(
    "deadline_exceeded",
  );
  const reading = read({ book: "b" });
  await world.advance(300);
  expect(await Promise.race([reading, Promise.resolve("waits")])).toBe("waits");
  expect((await world.settle(reading)).entries).toEqual([1]);
  await world.close();
});

test("SE2: a stream's state is stored before its end", async () => {
  const { world, tell, read } = await poolOf(2);
  expect(await world.settle(tell({ book: "s", n: 3 }).collect())).toEqual([0, 1, 2]);
  expect((await world.settle(read({ book: "s" }))).entries).toEqual([0, 1, 2]);
  await world.close();
});

test("a new session begins with new state, and one that is cleared begins anew", async () => {
  const { world, add, end } = await poolOf(2);
  expect(await world.settle(add({ book: "b", n: 1 }))).toMatchObject({ entries: [1], isNew: true });
  expect(await world.settle(add({ book: "b", n: 2 }))).toMatchObject({ entries: [1, 2], isNew: false });
  await world.settle(end({ book: "b" }));
  expect(await world.settle(add({ book: "b", n: 3 }))).toMatchObject({ entries: [3], isNew: true });
  await world.close();
});

test("SE5: a session that rests is kept by nobody, and goes on where it was", async () => {
  const kept = keptSessions();
  const { world, add } = await poolOf(2);
  await world.settle(add({ book: "b", n: 1 }));
  expect(kept()).toBe(1);
  await world.advance("2s");
  expect(kept()).toBe(0);
  expect((await world.settle(add({ book: "b", n: 2 }))).entries).toEqual([1, 2]);
  await world.close();
});

test("SE5: of sessions that rest no more than 10,000 are kept", async () => {
  const kept = keptSessions();
  const { world } = await poolOf(1);
  const plain = world.outsider();
  for (let n = 0; n < 10_500; n++) {
    plain.publish("mesh.ledger.read", Buffer.from(`{"book":"b${n}"}`), {});
    if (n % 200 === 0) await turns(20);
  }
  await turns(50);
  expect(kept()).toBe(10_000);
  await world.advance("2s");
  expect(kept()).toBe(0);
  await world.close();
});

test("SE4: a session whose replica has died goes on at another, with what was stored", async () => {
  const { world, add } = await poolOf(2);
  const { by } = await world.settle(add({ book: "b", n: 1 }));
  await world.kill(by[0] ?? "");
  expect((await world.settle(add({ book: "b", n: 2 }), "1s")).entries).toEqual([1, 2]);
  await world.close();
});

test("SE4: what a replica was at when it died is not stored", async () => {
  const { world, runs, add, note, read } = await poolOf(3);
  await world.settle(add({ book: "b", n: 1 }));
  const lost = codeOf(add({ book: "b", n: 2, ms: 1_000 }));
  await world.advance(100);
  const again = world.settle(note({ book: "b", n: 3 }));
  await world.kill(runs.at(-1)?.replica ?? "");
  expect(await world.settle(lost)).toBe("replica_lost");
  await again;
  expect((await world.settle(read({ book: "b" }))).entries).toEqual([1, 3]);
  // The dead one's wait.
  await world.advance("1s");
  await world.close();
});

test("a drained replica's sessions go on at others", async () => {
  const { world, hosts, add } = await poolOf(2);
  for (const n of range(10)) await world.settle(add({ book: `b${n}`, n }));
  const [first] = hosts;
  const busy = add({ book: "b0", n: 100, ms: 200 });
  await world.advance(20);
  await world.settle(Promise.all([first?.close(), busy]), "10s");
  for (const n of range(10))
    expect((await world.settle(add({ book: `b${n}`, n: n + 10 }))).entries[0]).toBe(n);
  await world.close();
});

test("a request that names no session has none, and says what is missing when its handler wants one", async () => {
  const { world, app } = await poolOf(1);
  const failing = app.call("ledger.read", {});
  await expect(world.settle(failing)).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining("Shoal-Session") as string,
  });
  await world.close();
});

test("an id that is no session's is refused: too long, or empty", async () => {
  const { world, app, add } = await poolOf(1);
  for (const book of ["", "x".repeat(201)]) {
    expect(await world.settle(codeOf(add({ book, n: 1 })))).toBe("bad_request");
    expect(await world.settle(codeOf(app.call("ledger.add", { n: 1 }, { session: book })))).toBe(
      "bad_request",
    );
  }
  await world.close();
});

test("state that cannot be stored is the agent's fault, and changes nothing", async () => {
  const world = new InProcessMesh();
  const broken = defineAgent({
    name: "broken",
    version: "1.0.0",
    session: { id: () => "all", state: () => ({ value: undefined as unknown }) },
    methods: {
      set: {
        input: z.string(),
        run: (text, { session }) => {
          session.state.value = text === "function" ? () => text : text;
          return session.state.value;
        },
      },
      get: { input: z.unknown(), run: (_input, { session }) => session.state.value ?? null },
    },
  });
  await world.serve(broken);
  const app = await world.member();
  await world.settle(app.call("broken.set", "text"));
  await expect(world.settle(app.call("broken.set", "function"))).rejects.toMatchObject({ code: "internal" });
  expect(await world.settle(app.call("broken.get"))).toBe("text");
  await world.close();
});

test("a request that comes back to the session that waits for it fails at once; one for another session does not", async () => {
  const world = new InProcessMesh();
  const again = defineAgent({
    name: "again",
    version: "1.0.0",
    reentrant: true,
    concurrency: 4,
    session: ({ id }) => id,
    methods: {
      ask: {
        input: z.object({ id: z.string(), next: z.string().optional() }),
        output: z.string(),
        run: async ({ id, next }, ctx) =>
          next === undefined ? id : `${id} ${String(await ctx.call("again.ask", { id: next }))}`,
      },
    },
  });
  for (let n = 0; n < 3; n++) await world.serve(again);
  const app = await world.member();
  for (let n = 0; n < 5; n++) {
    expect(await world.settle(app.call("again.ask", { id: "a", next: "b" }))).toBe("a b");
    await expect(world.settle(app.call("again.ask", { id: "a", next: "a" }), "100ms")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("again → again") as string,
    });
  }
  await world.close();
});

test("SE3: of two replicas that believe they have a session, one alone stores anything", async () => {
  const { world, runs, add, read } = await poolOf(2);
  await world.settle(add({ book: "b", n: 1 }));
  const slow = codeOf(add({ book: "b", n: 2, ms: 20_000 }));
  await world.advance(50);
  const holder = runs.at(-1)?.replica ?? "";
  // Nothing that others say to it arrives: it is silent, and goes on.
  const silence = world.faults.drop(`mesh._.session.${holder}`);
  const elsewhere = { session: "b", timeout: "30s", avoid: [holder] } as const;
  const app = await world.member();
  const other = await world.settle(app.call("ledger.add", { n: 3 }, elsewhere), "10s");
  expect(other).toMatchObject({ entries: [1, 3] });
  expect(await world.settle(slow, "30s")).toBe("replica_lost");
  silence.end();
  expect((await world.settle(read({ book: "b" }))).entries).toEqual([1, 3]);
  await world.close();
});

test("SE2: a request whose answer cannot be sent leaves the session as it was", async () => {
  const world = new InProcessMesh();
  const big = defineAgent({
    name: "big",
    version: "1.0.0",
    session: { id: () => "a", state: () => ({ n: 0 }) },
    methods: {
      fail: {
        input: z.unknown(),
        run(_input, { session }) {
          session.state.n++;
          return () => 1;
        },
      },
      get: { input: z.unknown(), run: (_input, { session }) => session.state.n },
    },
  });
  await world.serve(big);
  const app = await world.member();
  expect(await world.settle(codeOf(app.call("big.fail")))).not.toBe("ok");
  expect(await world.settle(app.call("big.get"))).toBe(0);
  await world.close();
});

test("a stream whose reader goes away without a word keeps its client's line no longer than its deadline", async () => {
  const { world, tell, read } = await poolOf(2);
  const chunks = tell({ book: "s", n: 3 }, { timeout: "2s" })[Symbol.asyncIterator]();
  await world.settle(chunks.next());
  await world.advance("3s");
  expect(await world.settle(codeOf(read({ book: "s" }, { timeout: "5s" })), "10s")).toBe("ok");
  await world.close();
});

test("a replica that closes while a handler runs leaves nothing behind", async () => {
  const { world, hosts, add } = await poolOf(1);
  const slow = codeOf(add({ book: "b", n: 1, ms: 15_000 }, { timeout: "60s" }));
  await world.advance(50);
  const [host] = hosts;
  await world.settle(host?.drain({ timeout: "1s" }).then(() => host.close()) ?? Promise.resolve(), "30s");
  expect(await world.settle(slow, "30s")).toBe("replica_lost");
  await world.advance("15s");
  await world.close();
});

test("SE7: a call that waits in line ends with the request that made it", async () => {
  const { world, app } = await poolOf(1);
  let endedAt: number | undefined;
  const caller = defineAgent({
    name: "caller",
    version: "1.0.0",
    concurrency: 4,
    methods: {
      hold: {
        input: z.unknown(),
        run: (_input, ctx) => ctx.call("ledger.add", { n: 1, ms: 8_000 }, { session: "q", timeout: "20s" }),
      },
      go: {
        input: z.unknown(),
        async run(_input, ctx) {
          try {
            return await ctx.call("ledger.add", { n: 2 }, { session: "q" });
          } finally {
            endedAt = world.clock.now();
          }
        },
      },
    },
  });
  await world.serve(caller);
  const holding = codeOf(app.call("caller.hold", {}, { timeout: "20s" }));
  await world.advance(50);
  const abort = new AbortController();
  const going = codeOf(app.call("caller.go", {}, { signal: abort.signal, timeout: "20s" }));
  await world.advance(50);
  const abortedAt = world.clock.now();
  abort.abort();
  expect(await world.settle(going)).toBe("cancelled");
  await world.advance(200);
  expect(endedAt).toBeLessThan(abortedAt + 100);
  expect(await world.settle(holding, "20s")).toBe("ok");
  await world.close();
});

test("an agent whose sessions and caches would mix is refused", () => {
  expect(() =>
    defineAgent({
      name: "mixed",
      version: "1.0.0",
      session: {},
      methods: { get: { input: z.unknown(), cache: { ttl: "1m" }, run: () => 1 } },
    }),
  ).toThrow(/what is answered in one session is not for another/);
});
