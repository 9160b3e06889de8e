import { expect, test } from "vitest";
import { compareTrials, regressions } from "../../src/compare/comparison.ts";
import { betterOf, figuresOf } from "../../src/compare/figures.ts";
import { parseCompare } from "../../src/compare/options.ts";
import { judge } from "../../src/compare/verdict.ts";
import { UsageError } from "../../src/options.ts";

test.each([
  ["rate", "higher"],
  ["throughput_vs_request", "higher"],
  ["cpu_us", "lower"],
  ["p50_vs_request", "lower"],
  ["idle_msgs_per_s", "lower"],
  ["lost", "lower"],
  ["throughput_vs_request_low", undefined],
  ["cost_pct", undefined],
  ["others_share", undefined],
  ["p99_vs_ideal", "lower"],
  ["ideal_p99_ms", undefined],
  ["load_percent", undefined],
  ["concurrency", undefined],
  ["chunks", undefined],
  ["rounds", undefined],
])("%s: %s is better", (field, better) => {
  expect(betterOf(field)).toBe(better);
});

const pairsOf = (...ratios: number[]) => ratios.map((ratio) => [100, 100 * ratio] as const);

test.each([
  ["slower every time", pairsOf(0.9, 0.91, 0.89, 0.9), "regression"],
  ["faster every time", pairsOf(1.1, 1.12, 1.09, 1.1), "improvement"],
  ["slower by noise", pairsOf(0.7, 1.2, 0.8, 1.1), "same"],
  ["slower, though only 95 % sure", pairsOf(0.8, 0.95, 0.88, 0.96, 0.85), "same"],
  ["slower by a hair", pairsOf(0.98, 0.981, 0.98, 0.979), "same"],
  ["one pair tells nothing", pairsOf(0.5), "same"],
] as const)("%s: %s", (_what, pairs, verdict) => {
  expect(judge(pairs, "higher", 0.03).verdict).toBe(verdict);
});

test("the interval of the ratio is Student's, on logarithms", () => {
  const { ratio, low, high } = judge(pairsOf(0.8, 1.25), "higher", 0.03);
  expect(ratio).toBeCloseTo(1);
  expect(low * high).toBeCloseTo(1);
  expect(high).toBeCloseTo(Math.exp(12.71 * Math.log(1.25)), 1);
});

test("where less is better, more is a regression", () => {
  expect(judge(pairsOf(1.1, 1.11, 1.1, 1.1), "lower", 0.03).verdict).toBe("regression");
});

test("counts that were 0 are judged by their order", () => {
  expect(
    judge(
      [
        [0, 3],
        [0, 1],
      ],
      "lower",
      0.03,
    ).verdict,
  ).toBe("regression");
  expect(
    judge(
      [
        [0, 0],
        [0, 1],
      ],
      "lower",
      0.03,
    ).verdict,
  ).toBe("same");
  expect(
    judge(
      [
        [0, 0],
        [0, 0],
      ],
      "lower",
      0.03,
    ),
  ).toMatchObject({ ratio: 1, verdict: "same" });
});

const rowsOf = (rate: number) => [
  { contender: "shoal", bytes: 100, concurrency: 64, rounds: 2, rate, others_share: 0.1 },
  { contender: "shoal", bytes: 100, concurrency: 256, rounds: 2, rate: 200 },
  { contender: "nc-request", bytes: 100, concurrency: 64, rounds: 2, rate },
];

test("rows are known by their words and their place, and named by their load", () => {
  const figures = [...figuresOf(rowsOf(50)).values()];
  expect(figures.map(({ figure, value }) => [figure.row, figure.yardstick, value])).toEqual([
    ["shoal, bytes 100, concurrency 64", false, 50],
    ["shoal, bytes 100, concurrency 256", false, 200],
    ["nc-request, bytes 100, concurrency 64", true, 50],
  ]);
});

test("a yardstick that moves is no regression", () => {
  const pair = { base: rowsOf(100), head: rowsOf(80) };
  const compared = compareTrials([pair, pair], 0.03);
  expect(compared.map(({ verdict }) => verdict)).toEqual(["regression", "same", "regression"]);
  expect(regressions(compared).map(({ row }) => row)).toEqual(["shoal, bytes 100, concurrency 64"]);
});

test("a figure that one trial lacks is left out", () => {
  const compared = compareTrials([{ base: rowsOf(100), head: rowsOf(100).slice(0, 1) }], 0.03);
  expect(compared).toHaveLength(1);
});

test("by default Shoal and the yardstick are called, a few rounds", () => {
  expect(parseCompare(["main"])).toMatchObject({
    base: "main",
    head: undefined,
    bench: ["call", "--rounds", "2", "--seconds", "0.5", "--only", "nc-request,shoal"],
    passes: 4,
    tolerance: 0.03,
    check: false,
  });
});

test("what follows -- is the benchmark with its options", () => {
  expect(parseCompare(["a", "b", "--check", "--passes", "2", "--", "stream", "--quick"])).toMatchObject({
    base: "a",
    head: "b",
    bench: ["stream", "--quick"],
    passes: 2,
    check: true,
  });
  expect(parseCompare(["a", "--only", "shoal", "--", "stream"]).bench).toEqual(["stream", "--only", "shoal"]);
});

test.each([[[]], [["a", "b", "c"]], [["a", "--passes", "0"]], [["a", "--nonsense"]]])(
  "%j is a mistake",
  (argv) => {
    expect(() => parseCompare(argv)).toThrow(UsageError);
  },
);
