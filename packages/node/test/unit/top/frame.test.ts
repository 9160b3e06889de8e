import { expect, test } from "vitest";
import { frame } from "../../../src/top/frame.ts";
import { type TopState, beginning } from "../../../src/top/state.ts";
import { agentReport, detailed, metricsReport } from "../../support/metrics-reports.ts";

const plain = (_style: unknown, text: string): string => text;

function shown(state: Partial<TopState>, width = 80, height = 24): string[] {
  return frame({ ...beginning("mesh"), ...state }, { width, height }, 10_000, plain);
}

const report = metricsReport(
  agentReport("writer", { restarts: 2 }),
  agentReport("boss", {
    now: null,
    supervisor: {
      fallbacks: 0,
      targets: [{ agent: "writer", breaker: "open", attempts: 1, failures: 1, retries: 0, hedges: 0 }],
    },
  }),
);

test("80 columns by 24 lines have agents, load, what runs and waits, rates, times, breakers and restarts", () => {
  const lines = shown({ report });
  expect(lines.slice(0, 5).map((line) => line.trimEnd())).toEqual([
    "shoal top  mesh  2 nodes · 4 replicas · 4 run · 3 wait · 306/s (1s) · by name",
    "",
    "AGENT             REP LOAD      RUN OLDEST WAIT  REQ/S ERR%   P50   P99 BRK  RST",
    "boss                2 ······      -      -         153   10  41ms  82ms open",
    "writer              2 ███···    4/8   2.4s    3    153   10  41ms  82ms        2",
  ]);
  expect(lines.at(-1)).toContain("enter look into");
});

test("one agent has its methods and its replicas", () => {
  const lines = shown({
    report: metricsReport(detailed("writer", ["a-11111111-1", "b-22222222-1"])),
    view: "agent",
    agent: "writer",
  });
  const text = lines.join("\n");
  expect(text).toMatch(/METHOD +REQ\/S ERR% +P50 +P99 +MAX +W99/);
  expect(text).toMatch(/prompt +153 +10 +41ms +82ms +187ms +18ms +3.6k/);
  expect(text).toMatch(/a-11111111-1 +███··· +4\/8/);
  expect(lines.at(-1)).toContain("d drain");
});

test("IN6: no frame is wider or higher than the terminal, whatever it is", () => {
  const many = metricsReport(
    ...Array.from({ length: 60 }, (_each, n) => agentReport(`an-agent-with-quite-a-long-name-${n}`)),
  );
  const stuck = Array.from({ length: 9 }, (_each, n) => ({
    request: "f".repeat(32),
    agent: "writer",
    method: "prompt",
    replica: `worker-0a1b2c3d-${n}`,
    since: 0,
  }));
  const replicas = Array.from({ length: 60 }, (_each, n) => `worker-0a1b2c3d-${n}`);
  const states: Partial<TopState>[] = [
    {},
    { report: many, stuck, filter: "agent" },
    { report: many, view: "nodes" },
    { report: metricsReport(detailed("writer", replicas)), view: "agent", agent: "writer" },
    { report: many, mode: "confirm", wish: { node: "n".repeat(60), replica: undefined } },
    { report: many, note: "x".repeat(300) },
  ];
  for (const state of states)
    for (const [width, height] of [
      [80, 24],
      [200, 60],
      [40, 10],
      [20, 5],
    ] as const) {
      const lines = shown(state, width, height);
      expect(lines.length).toBeLessThanOrEqual(height);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }
});

test("IN6: the selected row is on the screen, however many there are", () => {
  const names = Array.from({ length: 60 }, (_each, n) => `agent-${String(n).padStart(2, "0")}`);
  const many = metricsReport(...names.map((name) => agentReport(name)));
  for (const selected of [names[0], names[30], names[59]])
    expect(shown({ report: many, selected }).join("\n")).toContain(selected);
});

test("requests that are stuck are above all else, the rest of many counted", () => {
  const stuck = { request: "r", agent: "writer", method: "prompt", replica: "a-1", since: 7_600 };
  const lines = shown({ report, stuck: [stuck, stuck, stuck, stuck, stuck] });
  expect(lines[1]?.trimEnd()).toBe("stuck 2.4s  writer.prompt  a-1  r");
  expect(lines[4]?.trimEnd()).toBe("and 2 more that are stuck");
});

test("as one table there is no footer, and nothing is cut off below", () => {
  const many = metricsReport(...Array.from({ length: 90 }, (_each, n) => agentReport(`agent-${n}`)));
  const lines = shown({ report: many }, 120, Infinity);
  expect(lines).toHaveLength(93);
});

test("an empty mesh, and an agent that has gone, are said", () => {
  expect(shown({ report: { agents: [], nodes: [] } }).join("\n")).toContain("No agent is on this mesh.");
  expect(shown({ report, view: "agent", agent: "gone" }).join("\n")).toContain("gone is not there any more");
});
