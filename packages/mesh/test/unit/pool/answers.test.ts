import { expect, test, vi } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { Answers } from "../../../src/pool/answers.ts";
import type { FrameInbound } from "../../../src/pool/frame-inbound.ts";
import { Encoding } from "../../../src/protocol/body.ts";
import { turns } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

async function host() {
  const world = new InProcessMesh();
  const gates: PromiseWithResolvers<string>[] = [];
  const agent = defineAgent({
    name: "work",
    version: "1.0.0",
    concurrency: 8,
    methods: {
      run: {
        input: z.string(),
        output: z.string(),
        run: () => {
          const gate = Promise.withResolvers<string>();
          gates.push(gate);
          return gate.promise;
        },
      },
    },
  });
  const [server, client] = [await world.member(), await world.member()];
  await server.serve(agent);
  const call = (idempotencyKey: string) => client.agent(agent).run("x", { idempotencyKey });
  return { world, gates, call };
}

test("K1: a key that comes again while its work runs joins it, and the handler runs once", async () => {
  const { world, gates, call } = await host();
  const early = [call("k"), call("k")];
  await world.advance(50);
  const late = call("k");
  await world.advance(50);
  expect(gates).toHaveLength(1);
  gates[0]?.resolve("once");
  expect(await world.settle(Promise.all([...early, late]))).toEqual(["once", "once", "once"]);
});

test("K1: a key that comes again after its answer gets that answer", async () => {
  const { world, gates, call } = await host();
  const first = call("k");
  await turns(5);
  gates[0]?.resolve("kept");
  expect(await world.settle(first)).toBe("kept");
  expect(await world.settle(call("k"))).toBe("kept");
  expect(gates).toHaveLength(1);
});

test("K1: those who joined get the error too, and an error is not remembered", async () => {
  const { world, gates, call } = await host();
  const outcomes = Promise.allSettled([call("k"), call("k")]);
  await turns(5);
  gates[0]?.reject(new Error("no luck"));
  expect(await world.settle(outcomes)).toMatchObject([
    { reason: { code: "internal" } },
    { reason: { code: "internal" } },
  ]);
  const again = call("k");
  await turns(5);
  gates[1]?.resolve("luck");
  expect(await world.settle(again)).toBe("luck");
});

test("K1: other keys are other work", async () => {
  const { world, gates, call } = await host();
  const calls = [call("a"), call("b")];
  await turns(5);
  gates[0]?.resolve("A");
  gates[1]?.resolve("B");
  expect(await world.settle(Promise.all(calls))).toEqual(["A", "B"]);
});

test("K2: what is remembered is bounded by count and by bytes", () => {
  const answers = new Answers();
  const repeated: unknown[] = [];
  const inbound = { repeat: (answer: unknown) => void repeated.push(answer) } as unknown as FrameInbound;
  const answer = (bytes: number) => ({ encoding: Encoding.bytes, bytes: new Uint8Array(bytes) });
  for (let i = 0; i < 20_000; i++) answers.remember(`small ${i}`, answer(10));
  expect(answers.absorb("small 0", inbound)).toBe(false);
  expect(answers.absorb("small 19999", inbound)).toBe(true);
  for (let i = 0; i < 100; i++) answers.remember(`large ${i}`, answer(262_144));
  expect(answers.absorb("large 0", inbound)).toBe(false);
  expect(answers.absorb("large 99", inbound)).toBe(true);
  answers.remember("huge", answer(262_145));
  expect(answers.absorb("huge", inbound)).toBe(false);
});

test("K2: answers are let go of when their minute is over, and not only when there is no room", () => {
  // The cache looks at the clock once in a millisecond.
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  let now = 1;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  try {
    const answers = new Answers();
    const kept = (): number => (Reflect.get(answers, "given") as { size: number }).size;
    const answer = { encoding: Encoding.bytes, bytes: new Uint8Array(10) };
    for (let i = 0; i < 5_000; i++) answers.remember(`old ${i}`, answer);
    expect(kept()).toBe(5_000);
    now += 61_000;
    vi.advanceTimersByTime(1);
    answers.remember("new", answer);
    expect(kept()).toBe(1);
  } finally {
    clock.mockRestore();
    vi.useRealTimers();
  }
});
