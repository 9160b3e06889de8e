import { queryObjects } from "node:v8";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { Job } from "../../../../src/actor/job.ts";
import type { Mesh } from "../../../../src/mesh.ts";
import { type Agent, defineAgent } from "../../../../src/contract/agent.ts";
import type { CacheOptions } from "../../../../src/contract/cache-options.ts";
import type { Served } from "../../../../src/contract/caller.ts";
import type { Context } from "../../../../src/contract/context.ts";
import { MeshError } from "../../../../src/errors.ts";
import { InProcessMesh } from "../../../../src/testing/in-process-mesh.ts";

type Script = (input: string, ctx: Context) => unknown;

/** So many replicas of one agent that keep their answers together, each on a member of its own. */
async function pool(count: number, cache: Partial<CacheOptions<string>> = {}, version = "1.0.0") {
  const world = new InProcessMesh();
  const runs: { input: string; replica: string; signal: AbortSignal }[] = [];
  const state: { script: Script } = { script: (input) => `${input}!` };
  const agentIn = (its = version): Agent =>
    defineAgent({
      name: "model",
      version: its,
      concurrency: 4,
      methods: {
        ask: {
          input: z.string(),
          output: z.unknown(),
          idempotent: true,
          cache: { ttl: "60s", jitter: 0, shared: true, ...cache },
          run(input, ctx) {
            runs.push({ input, replica: ctx.request.replica, signal: ctx.signal });
            return state.script(input, ctx);
          },
        },
      },
    }) as Agent;
  const members = [];
  for (let i = 0; i < count; i++) {
    const member = await world.join({ lanes: false });
    const { id } = await member.mesh.serve(agentIn());
    members.push({ ...member, id });
  }
  const { mesh: client, transport } = await world.join();
  const served: Served[] = [];
  const ask = (input = "q", more = {}): Promise<unknown> =>
    client.call("model.ask", input, { timeout: "30s", onServed: (by) => served.push(by), ...more });
  const many = (times: number, more = {}): Promise<unknown[]> =>
    Promise.all(Array.from({ length: times }, () => ask("q", more)));
  return { world, runs, state, members, client, transport, ask, many, served, agentIn };
}

/** A script that waits for so long, in the time of the mesh. */
const after =
  (world: InProcessMesh, ms: number, value: unknown = "slow"): Script =>
  () =>
    new Promise((resolve) => world.clock.after(ms, () => resolve(value)));

const results = (served: readonly Served[]): string[] =>
  served.map(({ metadata }) => metadata.cache?.result ?? "none");

test("K16: 100 equal requests at once in four replicas have one run", async () => {
  const { world, runs, state, many, served } = await pool(4);
  state.script = after(world, 300);
  expect(new Set(await world.settle(many(100)))).toEqual(new Set(["slow"]));
  expect(runs).toHaveLength(1);
  expect(new Set(served.map(({ replica }) => replica)).size).toBe(4);
  expect(results(served).filter((each) => each === "miss")).toEqual(["miss"]);
});

test("K16: whatever the deadlines of those that wait are", async () => {
  const { world, runs, state, ask } = await pool(4);
  state.script = after(world, 1_000);
  const all = Array.from({ length: 40 }, (_each, n) =>
    ask("q", { timeout: n % 2 ? 200 + n : 20_000 }).catch((error: unknown) => (error as MeshError).code),
  );
  const outcomes = await world.settle(Promise.all(all));
  expect(new Set(outcomes)).toEqual(new Set(["slow", "deadline_exceeded"]));
  expect(outcomes.filter((each) => each === "slow")).toHaveLength(20);
  expect(runs).toHaveLength(1);
});

test("K16: an answer that one replica has made is every replica's, with its age", async () => {
  const { world, runs, ask, served, many } = await pool(3);
  await world.settle(ask());
  await world.advance(1_000);
  await world.settle(many(30));
  expect(runs).toHaveLength(1);
  expect(new Set(results(served.slice(1)))).toEqual(new Set(["hit"]));
  for (const { metadata } of served.slice(1)) {
    expect(metadata.cache?.ageMs).toBeGreaterThanOrEqual(1_000);
    expect(metadata.cache?.ageMs).toBeLessThan(1_300);
  }
});

test("K12: what another replica has made is nowhere older than its time", async () => {
  const { world, runs, ask, many } = await pool(3, { ttl: 5_000 });
  await world.settle(ask());
  await world.advance(4_000);
  await world.settle(many(30));
  expect(runs).toHaveLength(1);
  await world.advance(1_000);
  await world.settle(many(30));
  expect(runs).toHaveLength(2);
});

test("K16: when the process dies that works on it, another begins at once", async () => {
  const { world, runs, state, many, members } = await pool(4);
  state.script = after(world, 3_000);
  const asking = many(100, { idempotent: true });
  await world.advance(100);
  const holder = members.find(({ id }) => id === runs[0]?.replica);
  const diedAt = world.clock.now();
  await holder?.transport.close();
  expect(new Set(await world.settle(asking))).toEqual(new Set(["slow"]));
  expect(runs).toHaveLength(2);
  expect(world.clock.now() - diedAt).toBeLessThan(4_500);
});

test("K16: the work goes on while somebody waits in another replica, and no longer", async () => {
  const { world, runs, state, client, members } = await pool(2);
  state.script = after(world, 2_000);
  const callers = members.map(() => new AbortController());
  const all = callers.map((caller, n) =>
    client.call("model.ask", "q", { signal: caller.signal, timeout: `${20 + n}s` }).catch(() => "gone"),
  );
  await world.advance(100);
  // Both may have come to one replica: then there is nothing to see.
  expect(runs).toHaveLength(1);
  callers[0]?.abort();
  await world.advance(300);
  expect(runs[0]?.signal.aborted).toBe(false);
  callers[1]?.abort();
  await world.advance(300);
  expect(runs[0]?.signal.aborted).toBe(true);
  expect(await Promise.all(all)).toEqual(["gone", "gone"]);
});

test("K13: an error and a degraded answer reach all who wait, wherever they are, and are not kept", async () => {
  const { world, runs, state, many, ask } = await pool(3);
  state.script = async () => {
    await after(world, 200)("", {} as Context);
    throw new MeshError("conflict", "no");
  };
  const failed = await world.settle(
    Promise.allSettled(Array.from({ length: 30 }, () => ask())).then((all) =>
      all.map((each) => (each.status === "rejected" ? (each.reason as MeshError).code : "ok")),
    ),
  );
  expect(new Set(failed)).toEqual(new Set(["conflict"]));
  expect(runs).toHaveLength(1);
  state.script = async (_input, ctx) => {
    await after(world, 200)("", ctx);
    ctx.metadata.degraded = { by: "answer", reason: "broken" };
    return "next best";
  };
  expect(new Set(await world.settle(many(30)))).toEqual(new Set(["next best"]));
  expect(runs).toHaveLength(2);
  state.script = () => "real";
  expect(await world.settle(ask())).toBe("real");
});

test("K12: one that is not fresh is given at once in every replica, and one new one is made", async () => {
  const { world, runs, state, ask, many, served } = await pool(3, {
    ttl: 1_000,
    staleWhileRevalidate: "60s",
  });
  await world.settle(ask());
  await world.advance(2_000);
  state.script = after(world, 500, "new");
  served.length = 0;
  await world.settle(ask());
  expect(results(served)).toEqual(["stale"]);
  await world.advance(1_000);
  // Whoever still has the old one gives it once more, and finds the new one.
  await world.settle(many(20));
  expect(new Set(await world.settle(many(20)))).toEqual(new Set(["new"]));
  expect(runs).toHaveLength(2);
});

test("K17: where nothing can be kept together each replica is on its own, and no request fails", async () => {
  const { world, runs, many } = await pool(3);
  const down = vi.spyOn(world.broker.store, "bucket");
  down.mockRejectedValue(new MeshError("unavailable", "no JetStream"));
  await world.settle(many(60));
  expect(runs.length).toBeLessThanOrEqual(3);
  expect(world.log.lines.filter(({ level }) => level === "warn")).toHaveLength(runs.length);
  down.mockRestore();
});

test("K17: a bucket that is lost is made again", async () => {
  const { world, runs, ask, many } = await pool(2);
  await world.settle(many(10));
  const made = vi.spyOn(world.broker.store, "bucket");
  const bucket = await world.broker.store.bucket("mesh_answers");
  const lost = vi.spyOn(bucket, "get").mockRejectedValue(new MeshError("not_found", "stream not found"));
  await world.settle(Promise.all(["a", "b"].map((input) => ask(input))));
  lost.mockRestore();
  made.mockClear();
  await world.advance(5_000);
  runs.length = 0;
  await world.settle(Promise.all(Array.from({ length: 10 }, () => ask("c"))));
  expect(runs).toHaveLength(1);
  expect(made).toHaveBeenCalled();
  made.mockRestore();
});

test("K18: cleared answers are gone everywhere, by input, by tag, or all", async () => {
  const { world, runs, client, ask, many } = await pool(3, { tags: (input) => [input] });
  const fill = async (): Promise<void> => {
    for (const input of ["a", "b"]) await world.settle(Promise.all([ask(input), ask(input), ask(input)]));
    runs.length = 0;
  };
  const again = async (): Promise<string[]> => {
    await world.settle(Promise.all(["a", "b"].flatMap((input) => [ask(input), ask(input), ask(input)])));
    return runs.map(({ input }) => input);
  };
  await fill();
  expect(await again()).toEqual([]);
  const cleared = await world.settle(client.cache.clear({ agent: "model", input: "a" }));
  expect(cleared).toMatchObject({ replicas: 3, shared: 1 });
  expect(await again()).toEqual(["a"]);
  await fill();
  await world.settle(client.cache.clear({ agent: "model", tag: "b" }));
  expect(await again()).toEqual(["b"]);
  await fill();
  expect(await world.settle(client.cache.clear({ agent: "model", method: "ask" }))).toMatchObject({
    shared: 2,
  });
  expect((await again()).toSorted()).toEqual(["a", "b"]);
  expect(await world.settle(many(3))).toHaveLength(3);
});

test("K18: what is cleared while it is made is not kept for others, though its replica has not heard of it", async () => {
  const { world, runs, state, client, transport, many, ask, members, agentIn } = await pool(2);
  // Before the claim is renewed, which would tell as much.
  state.script = after(world, 1_000, "old");
  const waiting = many(10);
  await world.advance(100);
  transport.onPublish = ({ subject }) => subject !== "mesh._.cache.model";
  await expect(world.settle(client.cache.clear({ agent: "model" }))).rejects.toThrow("no replica");
  expect(new Set(await world.settle(waiting))).toEqual(new Set(["old"]));
  await (await world.member()).serve(agentIn());
  for (const { mesh } of members) await world.settle(mesh.close());
  state.script = () => "new";
  expect(await world.settle(ask())).toBe("new");
  expect(runs).toHaveLength(2);
});

test("K13: what is cleared while it is made is kept by no replica", async () => {
  const { world, runs, state, client, many, ask } = await pool(2);
  state.script = after(world, 1_000, "old");
  const waiting = many(10);
  await world.advance(100);
  await world.settle(client.cache.clear({ agent: "model" }));
  expect(new Set(await world.settle(waiting))).toEqual(new Set(["old"]));
  state.script = () => "new";
  expect(await world.settle(ask())).toBe("new");
  expect(runs).toHaveLength(2);
});

test("answers of another version, and of another agent, are other answers", async () => {
  const { world, runs, ask, members, agentIn } = await pool(1);
  await world.settle(ask());
  await members[0]?.mesh.close();
  const next: Mesh = await world.member();
  await next.serve(agentIn("1.0.1"));
  await world.settle(ask());
  expect(runs).toHaveLength(2);
});

test("a new replica finds what others have made", async () => {
  const { world, runs, ask, members, agentIn } = await pool(1);
  await world.settle(ask());
  await (await world.member()).serve(agentIn());
  await members[0]?.mesh.close();
  await world.settle(ask());
  expect(runs).toHaveLength(1);
});

test("what cannot be cleared is told", async () => {
  const { world, client } = await pool(1);
  const clear = (options: object): Promise<unknown> =>
    world.settle(client.cache.clear({ agent: "model", ...options }));
  await expect(clear({ agent: "nobody" })).rejects.toMatchObject({ code: "unavailable" });
  await expect(clear({ key: "x" })).rejects.toThrow("makes its keys of the whole input");
  await expect(clear({ input: 7 })).rejects.toThrow("the input of model.ask is not valid");
  await expect(clear({ method: "tell" })).rejects.toMatchObject({ code: "not_found" });
  await expect(clear({ input: "a", key: "b" })).rejects.toMatchObject({ code: "bad_request" });
});

test("figures tell what the cache has done", async () => {
  const { world, client, many } = await pool(1);
  await world.settle(many(10));
  await world.settle(many(1));
  const [stats] = await world.settle(client.stats("model"));
  expect(stats?.methods[0]).toMatchObject({
    name: "ask",
    requests: 11,
    cache: { hits: 1, joined: 9, misses: 1, stale: 0, size: 1, evicted: 0, cleared: 0 },
  });
  const [info] = await world.settle(client.discover("model"));
  expect(info?.methods[0]?.cacheTtlMs).toBe(60_000);
});

test("K11: work that waits for a slot moves to a replica that is free, with the one request that waits for it", async () => {
  const { world, runs, state, ask, agentIn } = await pool(0);
  state.script = (input) => after(world, 500, `${input}!`)(input, {} as Context);
  const single = { ...agentIn(), concurrency: 1 };
  const first = await (await world.member()).serve(single);
  const calls = ["a", "b", "c"].map((input) => ask(input, { idempotent: true }));
  await world.advance(100);
  expect(first.load).toMatchObject({ running: 1, waiting: 2 });
  const second = await (await world.member()).serve(single);
  await world.advance(100);
  expect(runs.map(({ input, replica }) => [input, replica])).toEqual([
    ["a", first.id],
    ["b", second.id],
  ]);
  expect(await world.settle(Promise.all(calls))).toEqual(["a!", "b!", "c!"]);
  expect(runs).toHaveLength(3);
});

test("when a mesh closes no timer and no subscription of its caches is left", async () => {
  const { world, state, many, client } = await pool(3);
  await world.settle(many(30));
  await world.settle(client.cache.clear({ agent: "model" }));
  state.script = after(world, 200);
  await world.settle(many(30));
  await world[Symbol.asyncDispose]();
});

test("what has been made and told keeps nothing of the requests that it was for", async () => {
  const { world, ask } = await pool(2);
  const jobs = (): number => queryObjects(Job, { format: "count" });
  const before = jobs();
  for (let n = 0; n < 20; n++) await world.settle(ask(`question ${n}`));
  await world.advance(5_000);
  expect(jobs()).toBeLessThanOrEqual(before);
});
