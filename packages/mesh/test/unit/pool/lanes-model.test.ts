import { expect, test } from "vitest";
import { LaneWorld, type WorldLimits } from "../../support/lane-world.ts";
import { seeded } from "../../../src/testing/seeded.ts";

/** Times that whoever waits for an answer may have to ask again until all is well. */
const ROUNDS = 8;

/** Walks through every state that can be reached, and looks at each. @returns how many there are, and at rest */
function explore(limits: WorldLimits): { states: number; quiet: number } {
  const random = seeded(1);
  const pick = (count: number): number => Math.floor(random() * count);
  const first = new LaneWorld(limits).key();
  const seen = new Set([first]);
  const open = [first];
  let quiet = 0;
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    let world = new LaneWorld(limits, key);
    for (let left = world.steps().length; left > 0; left--) {
      world.steps()[left - 1]?.();
      const next = world.key();
      if (!seen.has(next)) {
        seen.add(next);
        open.push(next);
        checkPlaces(world, next);
        if (world.isQuiet) {
          quiet++;
          checkLosses(world, next);
          checkRest(new LaneWorld(limits, next), pick, next);
        }
      }
      if (left > 1) world = new LaneWorld(limits, key);
    }
  }
  return { states: seen.size, quiet };
}

/** Z1 */
function checkPlaces(world: LaneWorld, key: string): void {
  const { arrived, begun } = world.state;
  for (let request = 0; request < arrived; request++) {
    if (world.places(request) !== 1)
      throw new Error(`request ${request} is in ${world.places(request)} places: ${key}`);
    if ((begun[request] ?? 0) > 1) throw new Error(`request ${request} was begun twice: ${key}`);
  }
}

/** The caller of what is lost can see it: the replica that it believes to hold the request is dead. */
function checkLosses({ state: { ends, holders, replicas } }: LaneWorld, key: string): void {
  for (const [request, end] of ends.entries()) {
    const holder = holders[request]?.holder ?? -1;
    if (end === "lost" && !replicas[holder]?.isDead)
      throw new Error(`request ${request} is lost, and its caller waits for replica ${holder}: ${key}`);
  }
}

/** Z2, and Z4 where somebody has died who was asked. */
function checkRest(world: LaneWorld, pick: (count: number) => number, key: string): void {
  if (world.stuck === undefined) return;
  if (world.state.deaths === 0) throw new Error(`${world.stuck}: ${key}`);
  for (let round = 0; round < ROUNDS && world.stuck !== undefined; round++) world.retry(pick);
  if (world.stuck !== undefined) throw new Error(`${world.stuck}, and stays so: ${key}`);
}

/** Where somebody may die or drain, what happens when nobody does is among the states. */
const worlds: readonly (WorldLimits & { least: number })[] = [
  { replicas: 2, requests: 3, busy: 0, deaths: 1, drains: 0, least: 1_000 },
  { replicas: 2, requests: 2, busy: 0, deaths: 1, drains: 1, least: 1_000 },
  // What waits is gathered, and comes unasked.
  { replicas: 2, requests: 4, busy: 2, deaths: 0, drains: 1, least: 1_000 },
  { replicas: 3, requests: 2, busy: 0, deaths: 1, drains: 0, least: 1_000 },
  { replicas: 3, requests: 1, busy: 0, deaths: 0, drains: 1, least: 1_000 },
];

test.each(worlds)(
  "Z1, Z2, Z4: $replicas replicas, $requests requests, $busy of them begun, $deaths deaths, $drains drains: in every state",
  ({ least, ...limits }) => {
    const { states, quiet } = explore(limits);
    expect(states).toBeGreaterThan(least);
    expect(quiet).toBeGreaterThan(0);
  },
  300_000,
);
