import { expect, test } from "vitest";
import type { Actor } from "../../../src/actor/actor.ts";
import type { Job } from "../../../src/actor/job.ts";
import { Giving, type GivingParts } from "../../../src/pool/lanes/giving.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";

/** Which of the requests that have moved so often may go, when they are given so. */
function mayGo(moves: readonly number[], gift: { free: boolean; isLast?: boolean }): number[] {
  const gone: number[] = [];
  const surrender = (may: (job: Job) => boolean): undefined => {
    const jobOf = (count: number): Job =>
      ({ inbound: { mayMove: () => true, moves: count, size: 1 } }) as unknown as Job;
    gone.push(...moves.filter((count) => may(jobOf(count))));
  };
  const parts = {
    actor: { surrender, waiting: moves.length, outlook: { meanMs: 20 } } as unknown as Actor,
    transport: { status: "connected", maxPayload: 1_048_576 },
    clock: new ManualClock(),
  } as unknown as GivingParts;
  new Giving(parts).give({ to: { replica: "r", reply: "x" }, cause: "offered", isLast: false, ...gift });
  return gone;
}

test("Z3: what has been gathered goes to free slots alone, unless its holder leaves; what goes round stays", () => {
  const moves = [0, 1, 5, 16];
  expect(mayGo(moves, { free: false })).toEqual([0]);
  expect(mayGo(moves, { free: true })).toEqual([0, 1, 5]);
  expect(mayGo(moves, { free: false, isLast: true })).toEqual([0, 1, 5]);
});
