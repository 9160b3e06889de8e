import { expect, test } from "vitest";
import { type VirtualPoolOptions, virtualPool } from "../../support/virtual-pool.ts";

const POOL = { replicas: 4, jobs: 4_000, latencyMs: 0.2, meanMs: 20, lanes: true } as const;
const equal = (): number => 20;
const exponential = (random: number): number => -20 * Math.log(1 - random);

const ratioOf = async (options: VirtualPoolOptions): Promise<number> => {
  const { pool, ideal } = await virtualPool(options);
  return pool / ideal;
};

test.each([
  { load: 0.5, most: 1.1 },
  { load: 0.7, most: 1.15 },
  { load: 0.9, most: 1.3 },
])(
  "Z2: jobs of equal length at a load of $load wait hardly longer than in one ideal queue",
  async ({ load, most }) => {
    expect(await ratioOf({ ...POOL, load, service: equal })).toBeLessThan(most);
  },
);

test("Z2: so do jobs whose length varies", async () => {
  expect(await ratioOf({ ...POOL, load: 0.7, service: exponential })).toBeLessThan(1.15);
});

test("Z2: the way of a request is hidden where it is known when the next one will be needed", async () => {
  const slowly = { ...POOL, latencyMs: 0.4, load: 0.9 };
  expect(await ratioOf({ ...slowly, service: equal })).toBeLessThan(1.35);
});

test("without lanes they wait three times as long", async () => {
  expect(await ratioOf({ ...POOL, load: 0.7, service: equal, lanes: false })).toBeGreaterThan(2.5);
});
