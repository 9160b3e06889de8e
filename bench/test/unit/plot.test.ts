import { expect, test } from "vitest";
import { draw } from "../../src/plot/draw.ts";
import { spread } from "../../src/plot/lines.ts";
import type { BarPlot, LinePlot } from "../../src/plot/plot.ts";

const bars: BarPlot = {
  kind: "bars",
  name: "throughput",
  title: "Requests & replies",
  subtitle: "longer is better",
  axis: "× raw",
  unit: "×",
  reference: { value: 1, label: "raw" },
  groups: [
    {
      title: "64 in flight",
      bars: [
        { label: "Shoal <1>", value: 2.1, low: 1.9, high: 2.3, wanted: 2, role: "ours" },
        { label: "another", value: NaN },
      ],
    },
  ],
};

const lines: LinePlot = {
  kind: "lines",
  name: "limit",
  title: "Limit over time",
  subtitle: "what the limiter allows",
  xAxis: "s",
  yAxis: "requests at once",
  lines: [
    {
      label: "gradient",
      role: "ours",
      points: [
        [0, 1],
        [1, 4],
        [2, NaN],
        [3, 6],
      ],
    },
    {
      label: "best",
      role: "limit",
      points: [
        [0, 6],
        [3, 6],
      ],
    },
    { label: "nothing", points: [] },
  ],
};

test("bars show names, figures, the interval, the target and the reference", () => {
  const svg = draw(bars);
  for (const shown of [
    "Requests &amp; replies",
    "Shoal &lt;1&gt;",
    "2.1×",
    "64 in flight",
    ">raw<",
    ">target<",
    "whisker",
  ])
    expect(svg).toContain(shown);
  expect(svg).toContain("not measured");
});

test("lines skip what has no value and leave out what has no points", () => {
  const svg = draw(lines);
  expect(svg).toContain("requests at once");
  expect(svg).not.toContain("nothing");
  expect(svg.match(/<circle/g)).toHaveLength(5);
});

test.each([
  ["bars", bars],
  ["lines", lines],
  ["no bars", { ...bars, groups: [] }],
  ["no lines", { ...lines, lines: [] }],
])("%s: no place is undefined, every element is closed, nothing comes from elsewhere", (_what, plot) => {
  const svg = draw(plot);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  expect(svg).not.toMatch(/<script|@import|url\(|href/);
  const open: string[] = [];
  for (const [, close, name, empty] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (close) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name ?? "");
  }
  expect(open).toEqual([]);
});

test("names that would stand on each other are moved apart, in order", () => {
  expect(spread([100, 50, 102, 101])).toEqual([100, 50, 130, 115]);
});
