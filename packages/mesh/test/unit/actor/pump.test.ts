import { expect, test } from "vitest";
import { z } from "zod";
import { MeshError } from "../../../src/errors.ts";
import type { Context } from "../../../src/contract/context.ts";
import { ActorFixture, Gate, turns } from "../../support/actor-fixture.ts";
import { FakeInbound } from "../../support/fake-inbound.ts";

const chunk = { method: { chunk: z.string() } };

test("chunks of generators, asynchronous or not, and of arrays are sent in order", async () => {
  const sources = [
    async function* (): AsyncGenerator<string> {
      yield "a";
      await Promise.resolve();
      yield "b";
    },
    function* (): Generator<string> {
      yield "a";
      yield "b";
    },
    () => ["a", "b"],
  ];
  for (const run of sources) {
    const fixture = ActorFixture.of(run, chunk);
    const inbound = fixture.offer(1);
    await turns(2);
    expect(inbound.outcomes).toEqual([{ chunks: ["a", "b"] }]);
    expect(fixture.actor.inFlight).toBe(0);
  }
});

test("a handler that returns no iterable is internal and says how to write it", async () => {
  const fixture = ActorFixture.of(() => "text", chunk);
  const inbound = fixture.offer(1);
  await turns(2);
  expect(inbound.failure?.message).toBe(
    "tester.run must return an iterable of chunks: write it as `async *run`.",
  );
});

test("an error in the middle ends the stream with it, after the chunks before", async () => {
  const fixture = ActorFixture.of(async function* () {
    yield "a";
    throw new MeshError("conflict", "taken");
  }, chunk);
  const inbound = fixture.offer(1);
  await turns(2);
  expect(inbound.chunks).toEqual(["a"]);
  expect(inbound.outcomes).toHaveLength(1);
  expect(inbound.failure?.code).toBe("conflict");
});

test.each(["cancel", "bad chunk", "unsendable"])(
  "the generator's finally runs when %s ends it early",
  async (how) => {
    let cleaned = 0;
    let signal: AbortSignal | undefined;
    const gate = new Gate();
    const fixture = ActorFixture.of(async function* (_input: never, ctx: Context) {
      ({ signal } = ctx);
      try {
        yield "a";
        await gate.promise;
        yield how === "bad chunk" ? 7 : "b";
        yield "c";
      } finally {
        cleaned++;
      }
    }, chunk);
    const inbound = fixture.offer(1);
    await turns(2);
    if (how === "cancel") inbound.heldBy?.cancel(new MeshError("cancelled", "the caller gave up."));
    if (how === "unsendable") inbound.unsendable = new MeshError("too_large", "no");
    gate.open(1);
    await turns(2);
    expect(cleaned).toBe(1);
    expect(inbound.chunks).toEqual(["a"]);
    expect(inbound.outcomes).toHaveLength(1);
    expect(signal?.aborted).toBe(true);
    expect(fixture.actor.inFlight).toBe(0);
  },
);

test("a generator that waits for a slow caller is closed when the request ends", async () => {
  let cleaned = false;
  const fixture = ActorFixture.of(function* () {
    try {
      yield "a";
      yield "b";
    } finally {
      cleaned = true;
    }
  }, chunk);
  const inbound = new FakeInbound(1);
  const gate = new Gate<void>();
  inbound.gate = gate.promise;
  fixture.actor.offer("run", inbound);
  await turns(2);
  inbound.heldBy?.cancel(new MeshError("cancelled", "the caller gave up."));
  gate.open();
  await turns(2);
  expect(cleaned).toBe(true);
  expect(inbound.chunks).toEqual([]);
});

test("a caller that cannot take a stream causes no work", async () => {
  let ran = false;
  const fixture = ActorFixture.of(() => {
    ran = true;
    return [];
  }, chunk);
  const inbound = new FakeInbound(1);
  inbound.openStream = () => {
    throw new MeshError("bad_request", "ask for it as a stream");
  };
  fixture.actor.offer("run", inbound);
  await turns(1);
  expect(ran).toBe(false);
  expect(inbound.failure?.code).toBe("bad_request");
});
