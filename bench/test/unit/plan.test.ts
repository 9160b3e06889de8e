import { expect, test } from "vitest";
import { planOf, type Load } from "../../src/pool/plan.ts";
import { drawMs, meanMs, type Service } from "../../src/pool/service.ts";
import { seededRandom } from "../../src/random.ts";
import { quantile } from "../../src/stats.ts";

const load: Load = {
  seed: 7,
  slots: 4,
  percent: 70,
  seconds: 300,
  service: { kind: "exponential", meanMs: 20 },
};
const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

test("the same seed plans the same jobs, another seed others", () => {
  expect(planOf(load)).toEqual(planOf(load));
  expect(planOf({ ...load, seed: 8 }).atMs).not.toEqual(planOf(load).atMs);
});

test("jobs arrive at random within the time, as often as the load says", () => {
  const { atMs, serviceMs } = planOf(load);
  expect(serviceMs).toHaveLength(atMs.length);
  expect(atMs.length / load.seconds).toBeCloseTo(140, -1);
  expect(atMs).toEqual([...atMs].sort((a, b) => a - b));
  expect(atMs.at(-1)).toBeLessThan(300_000);
  // The gaps of a Poisson process are exponential: as long on average as they spread.
  const gaps = atMs.map((at, n) => at - (atMs[n - 1] ?? 0));
  const middle = mean(gaps);
  const spread = Math.sqrt(mean(gaps.map((gap) => (gap - middle) ** 2)));
  expect(spread / middle).toBeCloseTo(1, 1);
});

test("who arrives when does not depend on how long jobs take", () => {
  const other: Service = { kind: "equal", ms: 20 };
  expect(planOf({ ...load, service: other }).atMs).toEqual(planOf(load).atMs);
});

test.each<[Service, number, number]>([
  [{ kind: "equal", ms: 20 }, 20, 20],
  [{ kind: "exponential", meanMs: 20 }, 13.86, 92.1],
  [{ kind: "log-uniform", leastMs: 1, mostMs: 10_000 }, 100, 9_120],
])("%o has the mean that it says, and its quantiles", (service, p50, p99) => {
  const random = seededRandom(1);
  const drawn = Array.from({ length: 200_000 }, () => drawMs(service, random()));
  expect(mean(drawn) / meanMs(service)).toBeCloseTo(1, 1);
  expect(quantile(drawn, 0.5) / p50).toBeCloseTo(1, 1);
  expect(quantile(drawn, 0.99) / p99).toBeCloseTo(1, 1);
});
