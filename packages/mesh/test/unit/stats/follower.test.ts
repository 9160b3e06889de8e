import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import type { Mesh } from "../../../src/mesh.ts";
import { encodeShared } from "../../../src/protocol/body.ts";
import { StatsFollower } from "../../../src/stats/follower.ts";
import { decodeStats, encodeStats } from "../../../src/stats/message.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import type { TappedTransport } from "../../../src/testing/tapped-transport.ts";
import { mutated } from "../protocol/mutations.ts";

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  defaultMethod: "say",
  methods: {
    say: { input: z.string(), output: z.string(), run: (text) => text },
    hang: { input: z.string(), run: () => new Promise(() => {}) },
  },
});

let mesh: InProcessMesh;
let app: Mesh;
let node: Mesh;
let transport: TappedTransport;
let follower: StatsFollower;
const garbage: string[] = [];

beforeEach(async () => {
  garbage.length = 0;
  mesh = new InProcessMesh();
  app = await mesh.member();
  ({ mesh: node, transport } = await mesh.join({ stats: {} }));
  follower = new StatsFollower({
    port: app.port,
    root: "mesh",
    onHeard: () => {},
    onGarbage: ({ message }) => garbage.push(message),
  });
});

afterEach(async () => {
  follower.stop();
  await mesh.close();
});

function told(): number {
  return transport.published.filter(({ subject }) => subject.startsWith("mesh._.stats.")).length;
}

function ended(): number | undefined {
  return follower.known[0]?.mirror.figures.replicas[0]?.methods[0]?.ended;
}

async function call(): Promise<void> {
  await mesh.settle(app.call("echo.say", "hello"));
}

test("ME4: a node that serves nothing tells nothing, and one that is idle little", async () => {
  await mesh.advance(10_000);
  expect(told()).toBe(0);
  await node.serve(echo);
  await mesh.advance(3_000);
  expect(told()).toBe(2);
  await mesh.advance(50_000);
  expect(told()).toBe(12);
});

test("ME4: while the connection is down nothing is told, and then all that has come together", async () => {
  await node.serve(echo);
  await follower.start();
  await mesh.advance(1_100);
  transport.become("disconnected");
  const before = told();
  await mesh.settle(node.call("echo.say", "here", { timeout: "20ms" } as object).catch(() => {}));
  await mesh.advance(5_000);
  expect(told()).toBe(before);
  transport.become("connected");
  await call();
  await mesh.advance(1_100);
  expect(follower.known[0]?.mirror.figures.connection.reconnects).toBe(1);
  expect(ended()).toBeGreaterThanOrEqual(1);
});

test("ME5: whoever comes later, or has missed something, asks for all of it", async () => {
  await node.serve(echo);
  await call();
  await mesh.advance(20_000);
  await follower.start();
  await mesh.advance(600);
  expect(ended()).toBe(1);
  transport.onPublish = ({ subject }) => !subject.startsWith("mesh._.stats.");
  await call();
  await mesh.advance(1_000);
  transport.onPublish = () => true;
  expect(ended()).toBe(1);
  await mesh.advance(1_100);
  expect(ended()).toBe(2);
});

test("ME5: a node that does not answer is asked once a second, until it does", async () => {
  await node.serve(echo);
  await follower.start();
  const hanging = app.call("echo.hang", "", { timeout: "60s" }).catch(() => {});
  await mesh.advance(2_100);
  let asked = 0;
  const asking = mesh.outsider().subscribe("mesh._.figures.*", () => asked++);
  transport.onPublish = () => false;
  await mesh.advance(1_000);
  transport.onPublish = ({ subject }) => subject.startsWith("mesh._.stats.");
  await mesh.advance(10_000);
  expect(asked).toBeGreaterThanOrEqual(9);
  expect(asked).toBeLessThanOrEqual(11);
  transport.onPublish = () => true;
  await mesh.advance(2_000);
  const oldestMs = follower.known[0]?.mirror.figures.replicas[0]?.now?.oldestRunningMs;
  expect(oldestMs).toBeGreaterThan(14_000);
  await mesh.advance(3_000);
  expect(asked).toBeLessThanOrEqual(13);
  asking.unsubscribe();
  await mesh.kill(node);
  await mesh.settle(hanging, "60s");
});

test("a node that is asked by many answers all of them, and puts its figures together once", async () => {
  await node.serve(echo);
  await mesh.advance(1_100);
  const caller = mesh.outsider();
  let answers = 0;
  caller.subscribe("answers.*", () => answers++);
  for (let i = 0; i < 50; i++)
    caller.publish(`mesh._.figures.${node.node}`, new Uint8Array(0), { reply: `answers.${i}` });
  await mesh.advance(50);
  expect(answers).toBe(32);
  caller.publish("mesh._.figures.all", new Uint8Array(0), { reply: "answers.all" });
  await mesh.advance(600);
  expect(answers).toBe(33);
});

test("a node whose process is gone is over as soon as it is asked for", async () => {
  await node.serve(echo);
  await follower.start();
  await mesh.advance(1_100);
  follower.probe(node.node);
  await mesh.advance(200);
  expect(follower.known[0]?.isOver).toBe(false);
  await mesh.kill(node);
  follower.probe(node.node);
  await mesh.advance(20);
  expect(follower.known[0]?.isOver).toBe(true);
});

test("what is no figures is told, and changes nothing; nobody tells those of another", async () => {
  await node.serve(echo);
  await follower.start();
  await mesh.advance(1_100);
  const stranger = mesh.outsider();
  const forged = encodeStats({ node: "other", seq: 1, intervalMs: 1, numbers: {}, replicas: [] });
  for (const payload of [Buffer.from(""), Buffer.from("hello"), Buffer.from([0xc1, 1]), forged])
    stranger.publish(`mesh._.stats.${node.node}`, payload);
  await mesh.advance(10);
  expect(garbage).toHaveLength(4);
  expect(follower.known).toHaveLength(1);
});

test("whatever bytes there are, they are figures of a node or an error with a code", () => {
  const some = {
    v: 1,
    node: "n",
    seq: 3,
    intervalMs: 1_000,
    part: [1, 2],
    numbers: { uptimeMs: 1 },
    replicas: [["a", "n-1", { slots: 1 }, [["m", { ended: 2 }, [2, 3, 1, 2, 0, 10, 1, 4, 1], null]]]],
  };
  expect(decodeStats(encodeStats(decodeStats(encodeStats(some as never))))).toBeDefined();
  fc.assert(
    fc.property(mutated(fc.oneof(fc.constant(some), fc.jsonValue())), (bytes) => {
      try {
        const message = decodeStats(bytes);
        expect(JSON.stringify(message)).not.toContain("null]]]]]");
      } catch (error) {
        expect(error).toMatchObject({ name: "MeshError", code: "bad_request" });
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["another version", { v: 2 }],
  ["no node", { node: "" }],
  ["a node that is no name", { node: "a.b" }],
  ["a number that is none", { numbers: { uptimeMs: NaN } }],
  ["a bin that there is not", { replicas: [["a", "r", {}, [["m", {}, [1, 1, 1, 1, 0, 9_999, 1], null]]]] }],
  ["a bin without a count", { replicas: [["a", "r", {}, [["m", {}, [1, 1, 1, 1, 0, 9], null]]]] }],
  ["less than no time", { replicas: [["a", "r", {}, [["m", {}, [1, -1, 1, 1, 0], null]]]] }],
  ["a part too many", { part: [3, 2] }],
  ["replicas that are no list", { replicas: {} }],
])("%s is refused", (_what, wrong) => {
  const some = { v: 1, node: "n", seq: 1, intervalMs: 1_000, numbers: {}, replicas: [], ...wrong };
  expect(() => decodeStats(encoded(some))).toThrow(/these are no figures of a node/);
});

function encoded(value: unknown): Uint8Array {
  return Uint8Array.from(encodeShared(value));
}

test("a message of a node that is over, which comes late or again, does not bring it back", async () => {
  await node.serve(echo);
  await follower.start();
  await mesh.advance(1_100);
  const [last] = transport.published.filter(({ subject }) => subject.startsWith("mesh._.stats.")).slice(-1);
  await mesh.settle(node.close());
  expect(follower.known[0]?.isOver).toBe(true);
  mesh.outsider().publish(last?.subject ?? "", Uint8Array.from(last?.payload ?? []));
  await mesh.advance(10);
  expect(follower.known[0]?.isOver).toBe(true);
});
