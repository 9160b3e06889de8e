import { expect, test } from "vitest";
import { renderResults } from "../../src/results/markdown.ts";
import type { Recorded } from "../../src/results/record.ts";

const record: Recorded = {
  bench: "call",
  command: "npm run bench -- call",
  date: "2026-01-02T03:04:05.678Z",
  commit: { hash: "0123456789", changed: true },
  machine: {
    cpu: "Some CPU",
    cores: 2,
    memory_gb: 24,
    os: "linux 6 x64",
    load: 0.1,
    idle: 1,
    others: 0.2,
    quiet: false,
    warning: "other processes took 20 % of the machine",
  },
  versions: { node: "24.1.0", nats: "2.29.3" },
  tables: [{ title: "100 B", head: ["contender", "rate/s"], body: [["a | b", "1,000"], ["c"]] }],
  rows: [{ contender: "a", rate: 1_000 }],
  targets: [
    { name: "fast", value: 2.1, op: ">=", target: 2, ok: true },
    { name: "slow", value: 1.02, op: "<=", target: 1, ok: true, tie: true },
    { name: "lost", value: null, op: "<=", target: 0, ok: false },
  ],
  plots: [{ kind: "bars", name: "rate", title: "Rate", subtitle: "", axis: "", unit: "", groups: [] }],
  notes: ["a note"],
};

test("the page tells of each benchmark what was run, where, and what came of it", () => {
  const page = renderResults([record], new Map([["call", "It is slow because."]]));
  expect(page).toContain("| [call](#call) | 2 of 3 | 0123456789, changed | 2026-01-02 03:04 | not quiet |");
  expect(page).toContain("- `npm run bench -- call`");
  expect(page).toContain("- Some CPU, 2 cores, 24 GB, linux 6 x64");
  expect(page).toContain("- node 24.1.0, nats 2.29.3");
  expect(page).toContain("**Not quiet:** other processes took 20 % of the machine");
  expect(page).toContain("![Rate](results/call-rate.svg)");
  expect(page).toContain("- a note");
  expect(page).toContain("\n\nIt is slow because.\n\n");
});

test("targets are met, tied, missed or not measured", () => {
  const page = renderResults([record], new Map([["call", "It is slow because."]]));
  expect(page).toContain("| call: `fast` | 2.1 | ≥ 2 | yes |");
  expect(page).toContain("| call: `slow` | 1.02 | ≤ 1 | tie |");
  expect(page).toContain("| call: `lost` | – | ≤ 0 | **not measured** |");
});

test("tables keep their columns whatever is in a cell", () => {
  const page = renderResults([record], new Map([["call", "It is slow because."]]));
  expect(page).toContain("| contender | rate/s |\n| --- | ---: |\n| a \\| b | 1,000 |\n| c |  |");
});
