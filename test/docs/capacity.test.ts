import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readPage, tableOf } from "../support/docs/page.ts";
import { inRepository } from "../support/repository.ts";

/** A figure of bench/results: of its last row that has this field, and these values. */
interface Source {
  readonly bench: string;
  readonly field: string;
  readonly where?: Record<string, unknown>;
}

type Row = Record<string, unknown>;

const FULL = { agents: 1_000, replicas: 10 };
const wire = (name: string): Row => ({ name });

/** Where the page has each figure from, by what the page calls it. */
const SOURCES: Record<string, Source> = {
  "a node that serves nothing": { bench: "capacity", field: "node_mb" },
  "a replica, on its node": { bench: "scale", field: "node_kb", where: FULL },
  "a replica, at its server": { bench: "scale", field: "server_kb", where: FULL },
  "a replica, at each other server of the cluster": { bench: "capacity", field: "routed_kb" },
  "subscriptions of a replica": { bench: "capacity", field: "replica_subscriptions" },
  "subscriptions of a client": { bench: "capacity", field: "client_subscriptions" },
  "a connection, at its server": { bench: "capacity", field: "connection_kb" },
  "10,000 replicas, until all of them serve": { bench: "scale", field: "ready_ms", where: FULL },
  "messages of 10,000 replicas that nobody asks": { bench: "scale", field: "idle_msgs_per_s", where: FULL },
  "a call of 100 B and its answer": {
    bench: "capacity",
    field: "bytes",
    where: wire("a call, 100 B in and out"),
  },
  "the same by nats req": { bench: "capacity", field: "bytes", where: wire("the same by `nats req`") },
  "a call that takes 1 s, with the watch over it": {
    bench: "capacity",
    field: "bytes",
    where: wire("a call that takes 1 s: watched meanwhile"),
  },
  "a chunk of 50 B": { bench: "capacity", field: "bytes", where: wire("a chunk of a stream, 50 B") },
  "a request of a session, without JetStream's copies": {
    bench: "capacity",
    field: "bytes",
    where: wire("a request of a session, state of 100 B"),
  },
  "a durable task, without JetStream's copies": {
    bench: "capacity",
    field: "bytes",
    where: wire("a durable task, 100 B in and out"),
  },
  "shoal ls, for each replica": {
    bench: "capacity",
    field: "bytes",
    where: wire("`shoal ls`, for each replica"),
  },
  "a call, processor time of caller, server and node": {
    bench: "call",
    field: "cpu_us",
    where: { contender: "shoal", bytes: 100, concurrency: 64 },
  },
  "an open stream, on its node": { bench: "llm", field: "shoal_kb" },
  "a session that rests, on any node": { bench: "sessions", field: "passive_session_bytes" },
};

/** Machines differ from run to run by less than this factor, and a figure that is off by more says something else. */
const TOLERANCE = 1.5;

const rows = tableOf(readPage("docs/capacity.md"), "what", "costs", "unit", "command");

it("docs/capacity.md tells of every figure that is known here", () => {
  expect(rows.map(([what]) => what)).toEqual(Object.keys(SOURCES));
});

it.each(rows)("docs/capacity.md: %s: %s %s, as %s has measured", (what = "", told = "", _unit, command) => {
  const { bench, field, where = {} } = SOURCES[what] ?? { bench: "", field: "" };
  expect(command).toBe(`npm run bench -- ${bench}`);
  const figure = Number(told.replaceAll(",", ""));
  const measured = measuredBy(bench, field, where);
  expect(figure).toBeGreaterThanOrEqual(measured / TOLERANCE);
  expect(figure).toBeLessThanOrEqual(measured * TOLERANCE);
});

function measuredBy(bench: string, field: string, where: Row): number {
  const text = readFileSync(inRepository("bench/results", `${bench}.json`), "utf8");
  const { rows: all } = JSON.parse(text) as { rows: Row[] };
  const found = all.findLast(
    (row) => field in row && Object.entries(where).every(([name, value]) => row[name] === value),
  );
  expect(found, `${field} in bench/results/${bench}.json`).toBeDefined();
  return Number(found?.[field]);
}
