import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { natsCliPath } from "../../../../../test/support/nats-cli.ts";
import { OtlpReceiver, type ReceivedSpan } from "../../support/otlp-receiver.ts";
import { Shoal, cleanUp, temporaryDirectory } from "../../support/shoal.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
const WRITERS = fixture("writers.ts");

const DESK = `
agents: [echo]
supervisors:
  - name: desk
    targets: [{ agent: "${WRITERS}#writer" }]
    retry: { attempts: 2, backoff: 5ms }
`;

let nats: NatsServer;
let receiver: OtlpReceiver;
const nodes: Shoal[] = [];

beforeAll(async () => {
  [nats, receiver] = await Promise.all([startNatsServer({ jetstream: true }), OtlpReceiver.start()]);
  const cwd = temporaryDirectory({ "desk.yaml": DESK });
  nodes.push(
    new Shoal(["node", "desk.yaml"], { cwd, env: { ...environment(), OTEL_SERVICE_NAME: "desk" } }),
    new Shoal(["node", WRITERS], { cwd, env: { ...environment(), OTEL_SERVICE_NAME: "writers" } }),
  );
  await Promise.all(nodes.map((node) => node.prints(/"msg":"serving /)));
});

afterAll(async () => {
  await cleanUp();
  await receiver[Symbol.asyncDispose]();
  await nats.stop();
});

function environment(): Record<string, string> {
  return { ...receiver.env, NATS_URL: nats.url };
}

function isChildOf(span: ReceivedSpan, parent: ReceivedSpan): boolean {
  expect(span.traceId).toBe(parent.traceId);
  return span.parentSpanId === parent.spanId;
}

test("TR2: one trace through three processes, with the attempt that failed and the one that did not", async () => {
  const args = ["--conditions=shoal-source", "--import", fixture("otel.ts"), fixture("traced-caller.ts")];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, "desk.prompt", '"the sea"'], {
    env: { ...process.env, ...environment() },
  });
  expect(stdout).toContain("a poem on");

  const call = await receiver.span("desk.prompt", ({ service }) => service === "app");
  expect(call).toMatchObject({ kind: 3, parentSpanId: "", status: 0 });
  expect(call.attributes).toMatchObject({
    "rpc.system.name": "shoal",
    "rpc.method": "desk.prompt",
    "shoal.replica": expect.stringMatching(/^\w+-\d$/) as string,
    "shoal.request.id": expect.stringMatching(/^[0-9a-f]{32}$/) as string,
  });

  const desk = await receiver.span("desk.prompt", ({ service }) => service === "desk");
  expect(desk.kind).toBe(2);
  expect(isChildOf(desk, call)).toBe(true);
  expect(desk.attributes["shoal.request.id"]).toBe(call.attributes["shoal.request.id"]);
  expect(desk.events).toMatchObject([
    { name: "retry", attributes: { target: "writer", code: "unavailable", attempt: 1 } },
  ]);

  const attempts = [1, 2].map((trial) =>
    receiver.span(
      "writer.prompt",
      ({ service, attributes }) => service === "desk" && attributes["shoal.trial"] === trial,
    ),
  );
  const [first, second] = (await Promise.all(attempts)) as [ReceivedSpan, ReceivedSpan];
  expect([first, second].every((each) => isChildOf(each, desk))).toBe(true);
  expect(first).toMatchObject({ kind: 3, status: 2, attributes: { "error.type": "unavailable" } });
  expect(first.message).toBe("it is not warm yet.");
  expect(second).toMatchObject({ kind: 3, status: 0 });
  expect(second.startNs).toBeGreaterThanOrEqual(first.endNs);

  const served = (attempt: ReceivedSpan): Promise<ReceivedSpan> =>
    receiver.span(
      "writer.prompt",
      ({ service, parentSpanId }) => service === "writers" && parentSpanId === attempt.spanId,
    );
  const [failed, answered] = await Promise.all([served(first), served(second)]);
  expect(failed).toMatchObject({ kind: 2, status: 2, attributes: { "error.type": "unavailable" } });
  expect(answered).toMatchObject({ kind: 2, status: 0, attributes: { "shoal.agent": "writer" } });

  const own = await receiver.span("look up");
  expect(isChildOf(own, answered)).toBe(true);
  expect(own).toMatchObject({ kind: 3, attributes: { words: 2 } });
  expect(own.endNs - own.startNs).toBeGreaterThan(3_000_000n);
});

test("a person's traceparent and tracestate go through as they are", async () => {
  const traceId = "a".repeat(32);
  const headers = ["-H", `traceparent:00-${traceId}-${"b".repeat(16)}-01`, "-H", "tracestate:us=1"];
  await promisify(execFile)(natsCliPath(), ["-s", nats.url, "req", "mesh.desk", "rain", ...headers]);
  const desk = await receiver.span("desk.prompt", (each) => each.traceId === traceId);
  expect(desk.parentSpanId).toBe("b".repeat(16));
  const writer = await receiver.span(
    "writer.prompt",
    (each) => each.traceId === traceId && each.service === "writers",
  );
  expect(writer.state).toBe("us=1");
});

test("a node that stops sends what it has", async () => {
  for (const node of nodes) node.signal("SIGTERM");
  const ends = await Promise.all(nodes.map(({ ended }) => ended));
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
});
