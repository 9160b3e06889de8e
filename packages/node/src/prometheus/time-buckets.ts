import type { Times } from "@shoal/mesh";
import type { Labels, Sample } from "./family.ts";

/** Upper bounds in seconds: from what an agent without a model takes to what a model may think. */
const BOUNDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 150, 300,
];

/** A distribution as a histogram in seconds. Its own bins are finer: a bucket is right to within 2 % of its bound. */
export function timeSamples(times: Times, labels: Labels): Sample[] {
  const { count } = times;
  const bucket = (le: string, value: number): Sample => ({
    suffix: "_bucket",
    labels: { ...labels, le },
    value,
  });
  return [
    ...BOUNDS.map((bound) => bucket(String(bound), times.atMost(bound * 1_000))),
    bucket("+Inf", count),
    { suffix: "_sum", labels, value: times.sumMs / 1_000 },
    { suffix: "_count", labels, value: count },
  ];
}
