import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Mesh, MeshError, defineAgent } from "../../../src/index.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { seeded } from "../../../src/testing/seeded.ts";
import { MemoryBucket } from "../../../src/transport/memory-store/memory-bucket.ts";
import { keptSessions } from "../../support/session-pool.ts";

afterEach(() => void vi.restoreAllMocks());

const STEPS = 300;

/** A store that takes its time, and now and then fails, before it has written or after. */
function spoiled(world: InProcessMesh, random: () => number): () => void {
  const spies: { mockRestore: () => void }[] = [];
  const slow = (): Promise<void> =>
    new Promise((resolve) => world.clock.after(5 * Math.floor(random() * 3), resolve));
  const maybe = (): void => {
    if (random() < 0.01) throw new MeshError("unavailable", "the store is away");
  };
  for (const name of ["get", "swap"] as const) {
    const real = MemoryBucket.prototype[name] as (...args: unknown[]) => Promise<unknown>;
    const spy = vi.spyOn(MemoryBucket.prototype, name).mockImplementation(async function (
      this: MemoryBucket,
      ...args: unknown[]
    ) {
      await slow();
      maybe();
      const done = await real.apply(this, args);
      await slow();
      maybe();
      return done as never;
    });
    spies.push(spy);
  }
  return () => spies.forEach((spy) => spy.mockRestore());
}

test.each([
  { seed: 1, slots: 3, fails: true },
  { seed: 2, slots: 1, fails: false },
  { seed: 3, slots: 3, fails: false },
  { seed: 4, slots: 1, fails: true },
])(
  "SE1, SE2, SE3: a storm of requests, of crashes, drains and a store that fails ($seed): nothing is lost, done twice, stuck or kept",
  async ({ seed, slots, fails }) => {
    const kept = keptSessions();
    const random = seeded(seed);
    const world = new InProcessMesh();
    const active = new Map<string, string>();
    let clashes = 0;
    const writer = defineAgent({
      name: "writer",
      version: "1.0.0",
      concurrency: slots,
      onFailure: "restart",
      session: { state: () => ({ entries: [] as number[] }), idle: "1s" },
      methods: {
        add: {
          input: z.object({ n: z.int(), ms: z.number(), crashes: z.boolean() }),
          async run({ n, ms, crashes }, { session, request, signal }) {
            const me = request.id + request.replica;
            if (active.has(session.id)) clashes++;
            active.set(session.id, me);
            const over = (): void => {
              if (active.get(session.id) === me) active.delete(session.id);
            };
            // A life that has ended waits for no handler of it.
            signal.addEventListener("abort", () => {
              if ((signal.reason as Error).message.includes("has failed")) over();
            });
            session.state.entries.push(n);
            await new Promise<void>((resolve) => world.clock.after(ms, resolve));
            over();
            if (crashes) throw new Error("crash");
            return n;
          },
        },
        read: {
          input: z.unknown(),
          output: z.array(z.int()),
          run: (_input, { session }) => session.state.entries,
        },
      },
    });
    const hosts: Mesh[] = [];
    const join = async (): Promise<void> => {
      const host = await world.member();
      await host.serve(writer);
      hosts.push(host);
    };
    for (let n = 0; n < 4; n++) await join();
    const apps = await Promise.all(Array.from({ length: 6 }, () => world.member()));
    const restore = fails ? spoiled(world, random) : () => {};
    const answered = new Map<string, number[]>();
    const pending = new Set<Promise<unknown>>();
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
    for (let n = 0; n < STEPS; n++) {
      const session = `s${Math.floor(random() * 5)}`;
      const abort = new AbortController();
      const timeout = random() < 0.15 ? 50 + Math.floor(random() * 300) : 20_000;
      const input = { n, ms: Math.floor(random() * 40), crashes: !fails && random() < 0.02 };
      const call = pick(apps)
        .call("writer.add", input, { session, timeout, signal: abort.signal })
        .then(
          () => answered.set(session, [...(answered.get(session) ?? []), n]),
          () => {},
        );
      pending.add(call);
      if (random() < 0.1) world.clock.after(Math.floor(random() * 200), () => abort.abort());
      if (n % 80 === 40) {
        await join().catch(() => {});
        void hosts.shift()?.close();
      }
      await world.advance(5 * Math.floor(random() * 5));
    }
    await world.settle(Promise.all(pending), "60s");
    if (fails) restore();
    await world.advance("12s");
    expect(answered.size).toBe(5);
    for (const [session, numbers] of answered) {
      const entries = (await world.settle(
        apps[0]?.call("writer.read", {}, { session }) ?? Promise.reject(),
        "1s",
      )) as number[];
      expect(entries.filter((n) => numbers.includes(n))).toHaveLength(numbers.length);
      expect(new Set(entries).size).toBe(entries.length);
    }
    await world.advance("5s");
    expect(clashes).toBe(0);
    expect(kept()).toBe(0);
    await world.close();
  },
);
