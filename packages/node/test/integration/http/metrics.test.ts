import type { MeshClient } from "@shoal/mesh/client";
import { ERROR_CODES } from "@shoal/mesh";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ALERTS, RECORDED, deployedQueries, testedAlerts } from "../../support/prometheus/deployed.ts";
import { selectorsIn } from "../../support/prometheus/query.ts";
import { Scrape } from "../../support/prometheus/scrape.ts";
import { PROBE, Shoal, cleanUp, client, temporaryDirectory } from "../../support/shoal.ts";

const METERED = fileURLToPath(new URL("../../fixtures/metered.ts", import.meta.url));
const CONFIG = `
http: { port: 0 }
agents:
  - { use: echo, cache: { say: { ttl: 5m } } }
  - use: ${PROBE}
  - use: ${METERED}
supervisors:
  - { name: helper, targets: [echo, metered], breaker: { errorRate: 0.5 } }
`;

let nats: NatsServer;
let mesh: MeshClient;
let url = "";
let final: Scrape;
/** How the calls have ended, as those who made them saw it: `agent.method outcome`. */
const ledger = new Map<string, number>();

async function called(target: string, input: unknown, times: number): Promise<void> {
  const one = async (): Promise<void> => {
    const outcome = await mesh.call(target, input).then(
      () => "ok",
      (error: unknown) => (error as { code: string }).code,
    );
    const key = `${target} ${outcome}`;
    ledger.set(key, (ledger.get(key) ?? 0) + 1);
  };
  await Promise.all(Array.from({ length: times }, one));
}

/** What the scrape has of it. */
function counted(scrape: Scrape): Map<string, number> {
  const samples = scrape
    .samples("shoal_requests_total")
    .filter(({ labels, value }) => value > 0 && labels["agent"] !== "helper");
  return new Map(
    samples.map(({ labels, value }) => [
      `${labels["agent"]}.${labels["method"]} ${labels["outcome"]}`,
      value,
    ]),
  );
}

beforeAll(async () => {
  nats = await startNatsServer({ jetstream: true });
  const cwd = temporaryDirectory({ "shoal.yaml": CONFIG });
  const node = new Shoal(["node", "--nats", nats.url], { cwd });
  [, url = ""] = await node.prints(/health and figures on (http:\S+?)"/);
  await node.prints(/serving /);
  mesh = await client(nats.url);
});

afterAll(async () => {
  await mesh?.close();
  await cleanUp();
  await nats?.stop();
});

describe("a node under load", () => {
  test("HE7: what it tells while it works only grows, and in the end is what its callers have seen", async () => {
    const scrapes: Scrape[] = [];
    const load = Promise.all([
      called("echo.say", "again and again", 200),
      called("probe.work", { ms: 5 }, 100),
      called("probe.work", { ms: "soon" }, 20),
      called("probe.fail", null, 30),
      called("metered.say", "hm", 40),
    ]);
    for (let i = 0; i < 3; i++) scrapes.push(await Scrape.of(`${url}/metrics`));
    await load;
    await mesh.call("helper.say", "help");
    ledger.set("echo.say ok", 201);
    const task = await mesh.submit("probe.record", [1]);
    await task.result().catch(() => {});
    ledger.set("probe.record bad_request", 1);
    await expect.poll(async () => counted((final = await Scrape.of(`${url}/metrics`)))).toEqual(ledger);
    const growing = [...scrapes, final].map((scrape) => scrape.sum("shoal_requests_total") ?? 0);
    expect(growing).toEqual(growing.toSorted((a, b) => a - b));
  });

  test("HE7: every request that has ended waited once, and those that ran took their time", () => {
    const requests = final.sum("shoal_requests_total", { agent: "probe" });
    expect(final.sum("shoal_request_wait_seconds_count", { agent: "probe" })).toBe(requests);
    const work = { agent: "probe", method: "work" };
    // What is not valid never runs.
    expect(final.sum("shoal_request_duration_seconds_count", work)).toBe(100);
    expect(final.sum("shoal_request_duration_seconds_bucket", { ...work, le: "0.0025" })).toBe(0);
    expect(final.sum("shoal_request_duration_seconds_sum", work)).toBeGreaterThan(0.4);
    expect(final.sum("shoal_cache_requests_total", { agent: "echo" })).toBe(201);
    expect(final.sum("shoal_tokens_total", { agent: "metered" })).toBe(400);
    expect(final.sum("shoal_cost_total", { agent: "metered" })).toBe(20);
    expect(final.sum("shoal_task_attempts_total", { agent: "probe", outcome: "dead" })).toBe(1);
    expect(final.sum("shoal_target_attempts_total", { agent: "helper", target: "echo" })).toBe(1);
  });

  test("it is as Prometheus wants it, with the usual figures of a process beside it", () => {
    expect(final.faults).toEqual([]);
    expect(final.sum("shoal_node_ready")).toBe(1);
    expect(final.samples("shoal_node_info")).toHaveLength(1);
    for (const name of ["process_resident_memory_bytes", "process_cpu_seconds_total", "nodejs_version_info"])
      expect(final.samples(name), name).not.toEqual([]);
  });
});

describe("what is deployed", () => {
  /** By name, the labels that its samples have: of a target's own, and those that Prometheus adds. */
  function known(): Map<string, Set<string>> {
    const labels = new Map(RECORDED.map((name) => [name, new Set(["agent"])]));
    labels.set("up", new Set(["job", "instance"]));
    for (const { name, labels: own } of final.families.flatMap(({ samples }) => samples)) {
      const all = labels.get(name) ?? new Set(["job", "instance"]);
      labels.set(name, new Set([...all, ...Object.keys(own)]));
    }
    return labels;
  }

  test("every query of rules, dashboard and scaling names figures, and labels, that there are", () => {
    const queries = deployedQueries();
    expect(queries.length).toBeGreaterThan(50);
    const there = known();
    const missing = queries.flatMap(({ where, query }) =>
      selectorsIn(query).flatMap(({ metric, labels }) => {
        const own = there.get(metric);
        if (!own) return [`${where}: ${metric}`];
        return labels.filter((label) => !own.has(label)).map((label) => `${where}: ${metric}{${label}}`);
      }),
    );
    expect(missing).toEqual([]);
  });

  test("every outcome that a query names is one", () => {
    const named = deployedQueries().flatMap(({ query }) =>
      [...query.matchAll(/outcome=~"([^"]+)"/g)].flatMap(([, outcomes = ""]) => outcomes.split("|")),
    );
    expect(named).not.toEqual([]);
    expect(named.filter((outcome) => !(outcome in ERROR_CODES))).toEqual([]);
  });

  test("every figure of the mesh's own is in the dashboard or in a rule, or is only there to be looked up", () => {
    const asked = new Set(
      deployedQueries().flatMap(({ query }) => selectorsIn(query).map(({ metric }) => metric)),
    );
    const unasked = final.families
      .map(
        ({ name, type }) => `${name}${type === "counter" ? "_total" : type === "histogram" ? "_bucket" : ""}`,
      )
      .filter((name) => name.startsWith("shoal_") && !asked.has(name));
    expect(unasked.toSorted()).toEqual([
      "shoal_event_loop_lag_max_seconds",
      "shoal_node_info",
      "shoal_node_ready",
    ]);
  });

  test("every alert has a test in which it fires", () => {
    expect(ALERTS).toHaveLength(14);
    expect(testedAlerts().toSorted()).toEqual(ALERTS.toSorted());
  });
});
