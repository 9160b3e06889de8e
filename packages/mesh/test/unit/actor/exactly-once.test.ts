import * as fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { MeshError } from "../../../src/errors.ts";
import { ActorFixture, Gate, turns } from "../../support/actor-fixture.ts";
import { FakeInbound } from "../../support/fake-inbound.ts";

/** Everything that can happen to requests, in any order. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("arrive" as const),
      method: fc.constantFrom("now", "fail", "later", "stream", "cached"),
      remainingMs: fc.constantFrom(0, 10, 30, 100, 30_000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("reply" as const), pick: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("throw" as const), pick: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("cancel" as const), pick: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("unsendable" as const), pick: fc.nat(99) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.constantFrom(5, 20, 60) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("block" as const), ms: fc.constantFrom(20, 200) }) },
  { weight: 1, arbitrary: fc.constant({ type: "close" as const }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Run {
  gate: Gate;
  inbound: FakeInbound;
  over: boolean;
}

class World {
  readonly inbounds: FakeInbound[] = [];
  readonly runs: Run[] = [];
  readonly startedAfterEnd: FakeInbound[] = [];
  readonly fixture: ActorFixture;
  running = 0;
  mostRunning = 0;
  offered = 0;

  constructor(concurrency: number, mailbox: number) {
    const input = z.custom<FakeInbound>();
    const begin = (inbound: FakeInbound): void => {
      if (inbound.outcomes.length > 0) this.startedAfterEnd.push(inbound);
      this.mostRunning = Math.max(this.mostRunning, ++this.running);
    };
    const wait = async (inbound: FakeInbound): Promise<unknown> => {
      const run = { gate: new Gate(), inbound, over: false };
      this.runs.push(run);
      return run.gate.promise;
    };
    const leave = (): void => void this.running--;
    this.fixture = new ActorFixture(
      defineAgent({
        name: "world",
        version: "1.0.0",
        concurrency,
        mailbox,
        methods: {
          now: {
            input,
            run: (inbound) => {
              begin(inbound);
              leave();
              return 1;
            },
          },
          fail: {
            input,
            run: (inbound) => {
              begin(inbound);
              leave();
              throw new Error("no");
            },
          },
          later: {
            input,
            run: async (inbound) => {
              begin(inbound);
              return wait(inbound).finally(leave);
            },
          },
          // All of its requests are equal, and an answer is not kept for long.
          cached: {
            input,
            cache: { ttl: 10, staleWhileRevalidate: 20, jitter: 0, key: () => "all" },
            run: async (inbound) => {
              if (inbound.outcomes.length === 0) begin(inbound);
              else this.mostRunning = Math.max(this.mostRunning, ++this.running);
              return wait(inbound).finally(leave);
            },
          },
          stream: {
            input,
            chunk: z.unknown(),
            async *run(inbound) {
              begin(inbound);
              try {
                yield 1;
                yield await wait(inbound);
              } finally {
                leave();
              }
            },
          },
        },
      }),
    );
  }

  async take(now: Step): Promise<void> {
    const open = this.runs.filter(({ over }) => !over);
    const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];
    if (now.type === "arrive") {
      const inbound: FakeInbound = new FakeInbound(undefined, { remainingMs: now.remainingMs });
      Object.assign(inbound, { value: inbound });
      this.inbounds.push(inbound);
      this.offered++;
      this.fixture.actor.offer(now.method, inbound);
    } else if (now.type === "reply" || now.type === "throw") {
      const run = pick(open, now.pick);
      if (!run) return;
      run.over = true;
      if (now.type === "reply") run.gate.open("done");
      else run.gate.fail(new Error("thrown"));
    } else if (now.type === "cancel") {
      pick(this.inbounds, now.pick)?.heldBy?.cancel(new MeshError("cancelled", "the caller gave up."));
    } else if (now.type === "unsendable") {
      const inbound = pick(this.inbounds, now.pick);
      if (inbound) inbound.unsendable = new MeshError("unavailable", "the connection is closed.");
    } else if (now.type === "pass") this.fixture.clock.advance(now.ms);
    else if (now.type === "block") this.fixture.clock.block(now.ms);
    else await this.fixture.actor.close();
    await turns(1);
  }

  async finish(): Promise<void> {
    for (let round = 0; round < 500 && !this.fixture.actor.isIdle; round++) {
      for (const run of this.runs.filter(({ over }) => !over)) {
        run.over = true;
        run.gate.open("finished");
      }
      await turns(1);
    }
  }
}

test("J1, J2, J3, J4, A1, A4: whatever happens, every request ends exactly once and is counted once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 4 }),
      fc.array(step, { minLength: 5, maxLength: 40 }),
      async (slots, mailbox, steps) => {
        const world = new World(slots, mailbox);
        for (const each of steps) await world.take(each);
        await world.finish();
        const { actor, deadlines } = world.fixture;
        for (const inbound of world.inbounds) {
          expect(inbound.outcomes).toHaveLength(1);
          expect(inbound.closedTimes).toBeGreaterThanOrEqual(1);
        }
        expect(world.startedAfterEnd).toEqual([]);
        expect(world.mostRunning).toBeLessThanOrEqual(slots);
        expect([world.running, actor.inFlight, actor.waiting, deadlines.size]).toEqual([0, 0, 0, 0]);
        let [ended, failed] = [0, 0];
        for (const { stats } of actor.methods) {
          ended += stats.ended;
          failed += stats.failed;
        }
        expect(ended).toBe(world.offered);
        expect(failed).toBe(world.inbounds.filter(({ failure }) => failure).length);
      },
    ),
    { numRuns: 400 },
  );
});
