import { expect, test, vi } from "vitest";
import { z } from "zod";
import type { MethodCache } from "../../../src/actor/method-cache.ts";
import type { Behaviour } from "../../../src/contract/agent.ts";
import type { CacheOptions } from "../../../src/contract/cache-options.ts";
import type { Context } from "../../../src/contract/context.ts";
import { MeshError } from "../../../src/errors.ts";
import { ActorFixture, Gate, turns } from "../../support/actor-fixture.ts";
import type { FakeInbound } from "../../support/fake-inbound.ts";

type Run = (input: unknown, ctx: Context) => unknown;

/** An actor whose one method keeps its answers, and every time that its handler was called. */
function cached(
  run: Run,
  cache: Partial<CacheOptions> = {},
  behaviour: Behaviour<never> & { input?: z.ZodType } = {},
) {
  const runs: unknown[] = [];
  const handler = ((input: unknown, ctx: Context) => (runs.push(input), run(input, ctx))) as Run;
  const { input = z.unknown(), ...rest } = behaviour;
  const method = { input, cache: { ttl: 1_000, jitter: 0, ...cache } };
  const fixture = ActorFixture.of(handler, { concurrency: 2, ...rest, method });
  return { fixture, runs, cache: fixture.actor.methods.named("run")?.cache as MethodCache };
}

/** One that waits for the test. */
function gated(cache: Partial<CacheOptions> = {}, behaviour: Behaviour<never> = {}) {
  const gates: Gate[] = [];
  const signals: AbortSignal[] = [];
  const made = cached(
    (_input, ctx) => {
      const gate = new Gate();
      gates.push(gate);
      signals.push(ctx.signal);
      return gate.promise;
    },
    cache,
    behaviour,
  );
  return { ...made, gates, signals };
}

const resolved = (all: readonly FakeInbound[]): unknown[] => all.map((each) => each.resolved);
const results = (all: readonly FakeInbound[]): unknown[] =>
  all.map(({ metadata }) => metadata?.cache?.result);

test("K11: 100 equal requests at once have one run, and all get its answer", async () => {
  const { fixture, runs, gates, cache } = gated();
  const all = Array.from({ length: 100 }, () => fixture.offer({ q: "hi" }));
  expect(runs).toHaveLength(1);
  gates[0]?.open("answer");
  await turns();
  expect(new Set(resolved(all))).toEqual(new Set(["answer"]));
  expect(results(all)).toEqual(["miss", ...Array.from({ length: 99 }, () => "joined")]);
  expect(cache.figures).toMatchObject({ misses: 1, joined: 99, hits: 0, size: 1 });
  expect(fixture.actor.methods.named("run")?.stats).toMatchObject({ ended: 100, started: 1, failed: 0 });
  expect(fixture.deadlines.size).toBe(0);
});

test("K11: other inputs are other work", async () => {
  const { runs, fixture } = cached((input) => input);
  const all = [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }, { a: 1, b: undefined }].map((each) =>
    fixture.offer(each),
  );
  await turns();
  expect(runs).toEqual([{ a: 1, b: 2 }, { a: 1 }]);
  expect(results(all)).toEqual(["miss", "hit", "miss", "hit"]);
});

test("K11: one that gives up leaves the others their work; with the last one it is given up", async () => {
  const { fixture, runs, gates, signals } = gated();
  const gone = new MeshError("cancelled", "the caller gave up.");
  const offer = (): { inbound: FakeInbound; leave: () => void } => {
    const inbound = fixture.offer("q");
    fixture.clock.advance(25);
    return { inbound, leave: () => inbound.heldBy?.cancel(gone) };
  };
  const [first, second, third] = [offer(), offer(), offer()];
  first.leave();
  second.leave();
  expect(signals[0]?.aborted).toBe(false);
  gates[0]?.open("answer");
  await turns();
  expect([first, second, third].map(({ inbound }) => inbound.failure?.code ?? inbound.resolved)).toEqual([
    "cancelled",
    "cancelled",
    "answer",
  ]);
  expect(runs).toHaveLength(1);
  fixture.clock.advance(2_000);
  const [last, alone] = [offer(), offer()];
  last.leave();
  alone.leave();
  expect(signals[1]?.aborted).toBe(true);
});

test("K11: the work has the time of whoever waits longest", async () => {
  const { fixture, runs, gates } = gated();
  const [short, long] = [100, 5_000].map((remainingMs) => fixture.offer("q", { remainingMs }));
  fixture.clock.advance(1_000);
  expect(short?.failure).toMatchObject({
    code: "deadline_exceeded",
    message: "tester.run was still waiting for its answer at its deadline.",
  });
  gates[0]?.open("answer");
  await turns();
  expect(long?.resolved).toBe("answer");
  expect(runs).toHaveLength(1);
});

test("K11: a request that this agent's own work has led to does not wait for that work", async () => {
  const { fixture, runs, gates } = gated({}, { reentrant: true });
  fixture.offer("q");
  const within = fixture.offer("q", { chain: ["tester", "other"] });
  expect(runs).toHaveLength(2);
  gates[1]?.open("inner");
  await turns();
  expect(within.resolved).toBe("inner");
});

test("K12: an answer is fresh for its time, and then made anew", async () => {
  const { fixture, runs } = cached(() => runs.length);
  const first = fixture.offer("q");
  fixture.clock.advance(999);
  const hit = fixture.offer("q");
  expect(hit).toMatchObject({ resolved: 1, metadata: { cache: { result: "hit", ageMs: 999 } } });
  fixture.clock.advance(1);
  const again = fixture.offer("q");
  await turns();
  expect(resolved([first, again])).toEqual([1, 2]);
});

test("K12: the wall clock is not asked", () => {
  const { fixture, runs } = cached(() => 1);
  fixture.offer("q");
  const wall = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 1e9);
  fixture.offer("q");
  wall.mockRestore();
  expect(runs).toHaveLength(1);
});

test("K12: answers that were made at one time do not end at one time, and none later than its time", () => {
  const { fixture, runs } = cached((input) => input, { jitter: 0.5 });
  const ask = (): void => {
    for (let n = 0; n < 100; n++) fixture.offer(n);
  };
  ask();
  fixture.clock.advance(499);
  ask();
  expect(runs).toHaveLength(100);
  fixture.clock.advance(250);
  ask();
  expect(runs.length).toBeGreaterThan(100);
  expect(runs.length).toBeLessThan(200);
});

test("K12: one that is not fresh is given at once, while one new one is made", async () => {
  const { fixture, runs, gates } = gated({ staleWhileRevalidate: 500 });
  fixture.offer("q");
  gates[0]?.open("old");
  await turns();
  fixture.clock.advance(1_200);
  const stale = [fixture.offer("q"), fixture.offer("q")];
  expect(resolved(stale)).toEqual(["old", "old"]);
  expect(stale[0]?.metadata?.cache).toEqual({ result: "stale", ageMs: 1_200 });
  expect(runs).toHaveLength(2);
  gates[1]?.open("new");
  await turns();
  const fresh = fixture.offer("q");
  expect(fresh).toMatchObject({ resolved: "new", metadata: { cache: { result: "hit", ageMs: 0 } } });
  fixture.clock.advance(1_500);
  const late = fixture.offer("q");
  expect(late.resolved).toBeUndefined();
});

test("K13: an error reaches all who wait, and is not kept", async () => {
  const { fixture, runs, gates } = gated();
  const all = [fixture.offer("q"), fixture.offer("q")];
  gates[0]?.fail(new Error("no luck"));
  await turns();
  expect(all.map(({ failure }) => failure?.code)).toEqual(["internal", "internal"]);
  expect(fixture.log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
  fixture.offer("q");
  expect(runs).toHaveLength(2);
});

test("K13: an error is kept where that was asked for, and only one that trying again does not mend", async () => {
  const errors = [new MeshError("not_found", "none"), new MeshError("unavailable", "not now")];
  const { fixture, runs } = cached(
    (input) => {
      throw errors[Number(input)];
    },
    { errorTtl: 300 },
  );
  for (const input of [0, 0, 1, 1]) fixture.offer(input);
  expect(runs).toEqual([0, 1, 1]);
  const kept = fixture.offer(0);
  expect(kept.failure).toMatchObject({ code: "not_found", message: "none" });
  fixture.clock.advance(300);
  fixture.offer(0);
  await turns();
  expect(runs).toEqual([0, 1, 1, 0]);
});

test("K13: a degraded answer is not kept, and is nobody's who wants none", async () => {
  const { fixture, runs } = cached((_input, ctx) => {
    ctx.metadata.degraded = { by: "answer", reason: "broken" };
    return Promise.resolve("next best");
  });
  const all = [fixture.offer("q"), fixture.offer("q"), fixture.offer("q", { undegraded: true })];
  await turns();
  expect(all[1]?.resolved).toBe("next best");
  expect(runs).toHaveLength(2);
  fixture.offer("q");
  expect(runs).toHaveLength(3);
});

test("K13: what is cleared while it is made is given to those that wait, and not kept", async () => {
  const { fixture, runs, gates, cache } = gated({ tags: ["red"] });
  for (const selection of [{}, { tag: "red" }, { key: cache.keys.of("q") }]) {
    const before = runs.length;
    const waiting = fixture.offer("q");
    cache.clear(selection);
    gates[before]?.open("old");
    await turns();
    expect(waiting.resolved).toBe("old");
    expect(cache.kept.size).toBe(0);
  }
  const first = fixture.offer("q");
  cache.clear({});
  const second = fixture.offer("q");
  expect(runs).toHaveLength(5);
  gates[3]?.open("old");
  gates[4]?.open("new");
  await turns();
  expect(resolved([first, second, fixture.offer("q")])).toEqual(["old", "new", "new"]);
});

test("K13: answers whose tags cannot be made are given, and not kept", async () => {
  const tags = (): string[] => {
    throw new Error("no tags");
  };
  const { fixture, cache } = cached(() => 1, { tags });
  expect(fixture.offer("q").resolved).toBe(1);
  expect(cache.kept.size).toBe(0);
  expect(fixture.log.lines.map(({ message }) => message)).toContain(
    "the tags of an answer could not be made",
  );
});

test("K14: those that wait are bounded as the mailbox is, by count and by bytes", async () => {
  const { fixture, gates } = gated();
  const all = Array.from({ length: 1_003 }, () => fixture.offer("q"));
  expect(all.filter(({ failure }) => failure?.code === "overloaded")).toHaveLength(3);
  expect(all[1_002]?.failure?.retryAfterS).toBeGreaterThan(0);
  gates[0]?.open("answer");
  await turns();
  expect(all.filter(({ resolved: value }) => value === "answer")).toHaveLength(1_000);
  expect(fixture.offer("q").resolved).toBe("answer");
});

test("K15: an answer that is here needs no slot, and does not wait behind others", async () => {
  const { fixture, gates } = gated({}, { concurrency: 1 });
  fixture.offer("known");
  gates[0]?.open("kept");
  await turns();
  for (const other of ["a", "b", "c"]) fixture.offer(other);
  expect(fixture.actor).toMatchObject({ inFlight: 1, waiting: 2 });
  expect(fixture.offer("known").resolved).toBe("kept");
});

test("A4: what waits for another's work keeps the actor from being idle, and is told when it stops", async () => {
  const { fixture, gates } = gated();
  const all = [fixture.offer("q"), fixture.offer("q")];
  expect(fixture.actor.isIdle).toBe(false);
  const idle = fixture.actor.idle();
  await fixture.actor.close();
  expect(all.map(({ failure, closedTimes }) => [failure?.code, closedTimes])).toEqual([
    ["replica_lost", 1],
    ["replica_lost", 1],
  ]);
  gates[0]?.open("too late");
  await idle;
  expect(fixture.actor.isIdle).toBe(true);
});

test("an input is checked before it is looked up, once", async () => {
  const input = z.object({ n: z.string().transform(Number), m: z.number().default(1) });
  const { fixture, runs } = cached((value) => value, {}, { input });
  const all = [{ n: "5" }, { n: "5.0", m: 1 }, { n: 5 }].map((each) => fixture.offer(each));
  await turns();
  expect(runs).toEqual([{ n: 5, m: 1 }]);
  expect(results(all)).toEqual(["miss", "hit", undefined]);
  expect(all[2]?.failure?.code).toBe("bad_request");
});

test("an input whose check takes a while is waited for", async () => {
  const gate = new Gate<boolean>();
  const input = z.string().refine(() => gate.promise);
  const { fixture, runs } = cached((value) => value, {}, { input });
  const all = [fixture.offer("q"), fixture.offer("q")];
  fixture.clock.advance(30);
  expect(all[0]?.acceptedTimes).toBe(1);
  gate.open(true);
  await turns();
  expect(runs).toHaveLength(1);
  expect(resolved(all)).toEqual(["q", "q"]);
});

test("a key of its own tells answers apart; one that fails is the agent's fault", async () => {
  const key = (({ id }: { id: unknown }) => id) as never;
  const { fixture, runs } = cached((value) => value, { key });
  for (const each of [{ id: "a", noise: 1 }, { id: "a", noise: 2 }, { id: "b" }]) fixture.offer(each);
  expect(runs).toHaveLength(2);
  const bad = [fixture.offer({ id: 7 }), fixture.offer(null)];
  await turns();
  expect(bad.map(({ failure }) => failure?.code)).toEqual(["internal", "internal"]);
  expect(bad[0]?.failure?.message).toBe("the cache key of tester.run gives a number; it must give a string.");
  expect(bad[1]?.failure?.message).toContain("the cache key of tester.run throws");
});

test("an input that has no key is worked on as if nothing were kept", async () => {
  const { fixture, runs } = cached(() => 1);
  const odd = new Map([[1, 2]]);
  expect(resolved([fixture.offer(odd), fixture.offer(odd)])).toEqual([1, 1]);
  expect(runs).toHaveLength(2);
});

test("a handler sees the answer that is too old to be given", async () => {
  const seen: unknown[] = [];
  const { fixture, runs } = cached((_input, ctx) => (seen.push(ctx.kept), runs.length));
  fixture.offer("q");
  fixture.offer("other");
  fixture.clock.advance(5_000);
  fixture.offer("q");
  await turns();
  expect(seen).toEqual([undefined, undefined, { value: 1, ageMs: 5_000 }]);
});
