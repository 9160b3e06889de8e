import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Mesh, type MeshError, defineAgent } from "../../../src/index.ts";
import { BucketHolding } from "../../../src/session/bucket-holding.ts";
import { Wanters } from "../../../src/session/wanters.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { MemoryBucket } from "../../../src/transport/memory-store/memory-bucket.ts";
import type { Entry } from "../../../src/transport/store.ts";
import { ledger } from "../../support/session-agents.ts";
import { elsewhere, poolOf } from "../../support/session-pool.ts";

afterEach(() => void vi.restoreAllMocks());

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "ok",
    (error: MeshError) => error.code,
  );

/** Two replicas want the same session, one from the other; `spoil` makes something go wrong when it is passed on. */
async function contended(spoil: () => void): Promise<string[]> {
  const { world, ids } = await poolOf(2);
  const [a = "", b = ""] = ids;
  const apps = await Promise.all([0, 1, 2].map(() => world.member()));
  const ask = (app: Mesh | undefined, avoid: string, n: number): Promise<string> =>
    codeOf(
      app?.call("ledger.add", { n, ms: 50 }, elsewhere([avoid], { session: "x", timeout: "5s" })) ??
        Promise.reject(new Error("no app")),
    );
  await world.settle(ask(apps[0], b, 0));
  const all = [ask(apps[0], b, 1)];
  await world.advance(10);
  spoil();
  all.push(ask(apps[1], a, 2), ask(apps[2], b, 3));
  const outcomes = await world.settle(Promise.all(all), "20s");
  await world.close();
  return outcomes;
}

test("SE4: when the word that passes a session on is lost, the two do not wait for each other", async () => {
  const outcomes = await contended(() => {
    vi.spyOn(Wanters.prototype, "tell").mockImplementationOnce(function (this: Wanters, wanter) {
      (Reflect.get(this, "all") as Map<string, unknown>).delete(wanter.replica);
    });
  });
  expect(outcomes).toEqual(["ok", "ok", "ok"]);
});

test.each([1, 2, 3, 4])("SE4: the same where read %i after that is of a copy that is behind", async (nth) => {
  const outcomes = await contended(() => {
    const { get, swap } = MemoryBucket.prototype;
    let before: Entry | undefined;
    let reads = -1;
    const ownerIn = (value: Uint8Array): string | undefined =>
      /owner.(\w+-\d)/.exec(Buffer.from(value).toString("latin1"))?.[1];
    vi.spyOn(MemoryBucket.prototype, "swap").mockImplementation(async function (
      this: MemoryBucket,
      key,
      value,
      ...rest
    ) {
      const present = await get.call(this, key);
      const written = await swap.call(this, key, value, ...rest);
      if (written === undefined || reads >= 0 || !present) return written;
      if (ownerIn(present.value) === ownerIn(value)) return written;
      before = present;
      reads = 0;
      return written;
    });
    vi.spyOn(MemoryBucket.prototype, "get").mockImplementation(function (this: MemoryBucket, key) {
      if (reads >= 0 && ++reads === nth) return Promise.resolve(before);
      return get.call(this, key);
    });
  });
  expect(outcomes).toEqual(["ok", "ok", "ok"]);
});

test("a session that others work on all the time is cleared in its turn, and once", async () => {
  const world = new InProcessMesh();
  const chat = defineAgent({
    name: "chat",
    version: "1.0.0",
    concurrency: 4,
    session: { state: () => ({ n: 0 }) },
    methods: {
      say: {
        input: z.unknown(),
        async run(_input, { session }) {
          await session.memory.append("talk", "x", { keep: 10 });
          await new Promise<void>((resolve) => world.clock.after(20, resolve));
          return ++session.state.n;
        },
      },
    },
  });
  for (let n = 0; n < 3; n++) await world.serve(chat);
  const apps = await Promise.all([0, 1, 2].map(() => world.member()));
  for (const name of ["get", "swap", "delete"] as const) {
    const real = MemoryBucket.prototype[name] as (...args: unknown[]) => Promise<never>;
    vi.spyOn(MemoryBucket.prototype, name).mockImplementation(async function (
      this: MemoryBucket,
      ...args: unknown[]
    ) {
      await new Promise<void>((resolve) => world.clock.after(5, resolve));
      return real.apply(this, args);
    });
  }
  const wipes = vi.spyOn(MemoryBucket.prototype, "entries");
  let isOver = false;
  const counts: number[] = [];
  const loops = apps.map(async (app) => {
    while (!isOver) counts.push((await app.call("chat.say", {}, { session: "b" })) as number);
  });
  await world.advance(500);
  wipes.mockClear();
  const [app] = apps;
  expect(
    await world.settle(app?.sessions.clear("chat", "b", { timeout: "5s" }) ?? Promise.resolve(false), "6s"),
  ).toBe(true);
  expect(wipes).toHaveBeenCalledTimes(1);
  const before = counts.length;
  await world.advance(500);
  isOver = true;
  await world.settle(Promise.all(loops));
  // They have begun anew.
  expect(Math.min(...counts.slice(before))).toBeLessThan(Math.max(...counts.slice(0, before)));
  await world.close();
});

test("SE4: a replica that is held between two lives keeps no session from others", async () => {
  const world = new InProcessMesh();
  let isFirst = true;
  const frail = defineAgent({
    name: "frail",
    version: "1.0.0",
    concurrency: 4,
    session: { state: () => ({ n: 0 }) },
    state: async () => {
      if (!isFirst) await new Promise<void>((resolve) => world.clock.after(8_000, resolve));
      isFirst = false;
    },
    onFailure: "restart",
    methods: {
      count: {
        input: z.object({ fails: z.boolean().default(false), ms: z.number().default(0) }),
        async run({ fails, ms }, { session }) {
          await new Promise<void>((resolve) => world.clock.after(ms, resolve));
          if (fails) throw new Error("boom");
          return ++session.state.n;
        },
      },
    },
  });
  const a = await world.serve(frail);
  isFirst = true;
  const b = await world.serve(frail);
  const ask = async (host: typeof a, session: string, input: object): Promise<unknown> => {
    const avoid = [host === a ? b.id : a.id];
    return (await world.member()).call("frail.count", input, elsewhere(avoid, { session, timeout: "30s" }));
  };
  await world.settle(ask(a, "s", {}));
  const boom = codeOf(ask(a, "other", { fails: true, ms: 100 }));
  const busy = codeOf(ask(a, "s", { ms: 200 }));
  await world.advance(20);
  const waiting = [ask(a, "s", {}), ask(a, "s", {})];
  await world.advance(100);
  expect(await world.settle(boom)).toBe("internal");
  expect(await world.settle(busy)).toBe("replica_lost");
  expect(await world.settle(ask(b, "s", {}), "2s")).toBe(2);
  expect(new Set(await world.settle(Promise.all(waiting), "30s"))).toEqual(new Set([3, 4]));
  await world.close();
});

test("a request that comes back fails at once, also where a stranger's waits beside it", async () => {
  const world = new InProcessMesh();
  const again = defineAgent({
    name: "again",
    version: "1.0.0",
    reentrant: true,
    concurrency: 4,
    session: ({ id }) => id,
    methods: {
      ask: {
        input: z.object({ id: z.string(), nested: z.boolean().default(false) }),
        output: z.string(),
        async run({ id, nested }, ctx) {
          const options = { avoid: [ctx.request.replica] } as object;
          return nested ? String(await ctx.call("again.ask", { id }, options)) : id;
        },
      },
    },
  });
  const [a, b] = [await world.serve(again), await world.serve(again)];
  const [app, other] = [await world.member(), await world.member()];
  const { get } = MemoryBucket.prototype;
  vi.spyOn(MemoryBucket.prototype, "get").mockImplementation(async function (this: MemoryBucket, key) {
    await new Promise<void>((resolve) => world.clock.after(10, resolve));
    return get.call(this, key);
  });
  const ask = (mesh: Mesh, avoid: string, nested: boolean): Promise<string> =>
    codeOf(mesh.call("again.ask", { id: "a", nested }, elsewhere([avoid], { timeout: "20s" })));
  const first = ask(app, b.id, true);
  await world.advance(15);
  const beside = ask(other, a.id, false);
  expect(await world.settle(first, "1s")).toBe("conflict");
  expect(await world.settle(beside, "1s")).toBe("ok");
  await world.close();
});

test("requests of one session leave room for those of others", async () => {
  const { world, add } = await poolOf(1);
  const stuck = codeOf(add({ book: "stuck", n: 0, ms: 5_000 }, { timeout: "20s" }));
  await world.advance(10);
  const plain = world.outsider();
  for (let n = 0; n < 2_000; n++)
    plain.publish("mesh.ledger.add", Buffer.from(JSON.stringify({ book: "stuck", n })), {});
  await world.advance(20);
  const other = await world.member();
  expect(await world.settle(codeOf(other.agent(ledger).add({ book: "free", n: 1 })))).toBe("ok");
  const refused = other.agent(ledger).add({ book: "stuck", n: 1 });
  await expect(world.settle(refused)).rejects.toMatchObject({
    code: "overloaded",
    message: expect.stringContaining('wait for session "stuck"') as string,
  });
  expect(await world.settle(stuck, "20s")).toBe("ok");
  await world.advance("40s");
  await world.close();
});

test("J5: a task whose session is free does not wait for those of a session that is not", async () => {
  const world = new InProcessMesh();
  const begun: string[] = [];
  const worker = defineAgent({
    name: "worker",
    version: "1.0.0",
    concurrency: 2,
    session: {},
    methods: {
      work: {
        input: z.unknown(),
        async run(_input, { session }) {
          begun.push(session.id);
          await new Promise<void>((resolve) => world.clock.after(2_000, resolve));
        },
      },
    },
  });
  await world.serve(worker, { tasks: true });
  const app = await world.member();
  for (const session of ["a", "a", "a", "b"]) await world.settle(app.submit("worker.work", {}, { session }));
  await world.advance("1s");
  expect(begun).toEqual(["a", "b"]);
  await world.advance("8s");
  expect(begun).toEqual(["a", "b", "a", "a"]);
  await world.close();
});

test("SE3: what is answered late makes nothing sure", async () => {
  let now = 0;
  const holding = new BucketHolding(
    {
      bucket: {
        swap: () => {
          now += 4_500;
          return Promise.resolve(2);
        },
      } as never,
      clock: { now: () => now } as never,
      now: () => now,
      place: "a.b",
      ttlMs: 60_000,
      owner: "r",
      wanters: {} as never,
      breaks: () => 0,
      onDropped: () => {},
    },
    { owner: "r", state: undefined, changes: 0, since: 0, renewedAt: 0 },
    1,
    { at: 0, breaks: 0 },
  );
  expect(holding.isSure).toBe(true);
  expect(await holding.store(undefined)).toBe(true);
  expect(holding.isSure).toBe(false);
});
