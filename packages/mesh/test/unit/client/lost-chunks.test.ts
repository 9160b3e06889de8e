import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { Kind } from "../../../src/protocol/frame.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import type { Published } from "../../../src/testing/tapped-transport.ts";

/** A host that sends all but what the test loses. */
async function losing(isLost: (kind: Kind, nth: number) => boolean) {
  const world = new InProcessMesh({ maxPayload: 100_000 });
  const { mesh: host, transport } = await world.join();
  const begun: number[] = [];
  const agent = defineAgent({
    name: "teller",
    version: "1.0.0",
    concurrency: 8,
    methods: {
      recite: {
        input: z.int(),
        chunk: z.int(),
        resumable: true,
        run: (to, { request }) => tell(request.from, to),
      },
      count: { input: z.int(), chunk: z.int(), idempotent: true, run: (to) => tell(0, to) },
      blob: {
        input: z.int(),
        output: z.string(),
        idempotent: true,
        run: (size) => (begun.push(0), "x".repeat(size)),
      },
    },
  });
  function* tell(from: number, to: number): Generator<number> {
    begun.push(from);
    for (let n = from; n < to; n++) yield n;
  }
  const seen = new Map<number, number>();
  transport.onPublish = ({ kind = 0 }: Published) => {
    const nth = seen.get(kind) ?? 0;
    seen.set(kind, nth + 1);
    return !isLost(kind as Kind, nth);
  };
  await host.serve(agent);
  const client = await world.member();
  return { world, agent: client.agent(agent), begun };
}

const first20 = Array.from({ length: 20 }, (_each, n) => n);

test("P4, S1: a stream that can be taken up and loses chunks is asked for again from the one that is due", async () => {
  const { world, agent, begun } = await losing(
    (kind, nth) => kind === Kind.chunk && (nth === 7 || nth === 8),
  );
  expect(await world.settle(agent.recite(20).collect())).toEqual(first20);
  expect(begun).toEqual([0, 7]);
});

test("P4, S1: one that loses its first chunk is begun anew, since nothing of it was delivered", async () => {
  const { world, agent, begun } = await losing((kind, nth) => kind === Kind.chunk && nth === 0);
  expect(await world.settle(agent.count(20).collect())).toEqual(first20);
  expect(begun).toEqual([0, 0]);
});

test("S1: one that cannot be taken up says what was lost", async () => {
  const { world, agent } = await losing((kind, nth) => kind === Kind.chunk && nth === 7);
  await expect(world.settle(agent.count(20).collect())).rejects.toMatchObject({
    code: "replica_lost",
    message: "a chunk of teller.count was lost: number 8 came where 7 was due.",
    details: { delivered: 7 },
  });
});

test("P4: a result of which a part is lost is asked for again", async () => {
  const { world, agent, begun } = await losing((kind, nth) => kind === Kind.part && nth === 2);
  expect(await world.settle(agent.blob(1_000_000))).toHaveLength(1_000_000);
  expect(begun).toHaveLength(2);
});

test("S2: what is read while nobody holds the stream grants nothing, and the next replica is granted all it needs", async () => {
  const lost = new Set([5, 10]);
  const { world, agent, begun } = await losing((kind, nth) => kind === Kind.chunk && lost.has(nth));
  const stream = agent.recite(40, { window: 8 })[Symbol.asyncIterator]();
  const read: unknown[] = [(await world.settle(stream.next())).value];
  while (begun.length < 2) await world.advance(1);
  await world.advance(1);
  // It has been lost a second time by now, and is sent again in a moment: what has come is read meanwhile.
  while (read.length < 7) read.push((await stream.next()).value);
  expect(begun).toEqual([0, 5]);
  for (let step = await world.settle(stream.next()); !step.done; step = await world.settle(stream.next()))
    read.push(step.value);
  expect(read).toEqual(Array.from({ length: 40 }, (_each, n) => n));
  expect(begun).toEqual([0, 5, 7]);
});
