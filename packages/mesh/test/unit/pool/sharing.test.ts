import { expect } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import type { Hosting } from "../../../src/pool/hosting.ts";
import { Kind, patchMoves } from "../../../src/protocol/frame.ts";
import type { MovedFigures } from "../../../src/stats/figures.ts";
import type { Message } from "../../../src/transport/transport.ts";
import { Gate, turns } from "../../support/actor-fixture.ts";
import { type Mesh, connect } from "../../../src/mesh.ts";
import { FaultyTransport } from "../../support/faulty-transport.ts";
import type { MeshError } from "../../../src/errors.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { test } from "../../../src/testing/vitest.ts";
import { type Published, TappedTransport } from "../../../src/testing/tapped-transport.ts";

interface Begun {
  readonly input: unknown;
  readonly replica: string;
  readonly signal: AbortSignal;
  readonly remainingMs: number;
  readonly key: string;
  readonly gate: Gate;
}

/** An agent whose handlers wait at gates, and the order in which they began, wherever. */
function gatedAgent(concurrency = 1) {
  const begun: Begun[] = [];
  const agent = defineAgent({
    name: "gated",
    version: "1.0.0",
    concurrency,
    methods: {
      work: {
        input: z.unknown(),
        idempotent: true,
        run(input, { signal, request: { replica, remainingMs, idempotencyKey: key } }) {
          const gate = new Gate();
          begun.push({ input, replica, signal, remainingMs, key, gate });
          return gate.promise;
        },
      },
    },
  });
  return { agent, begun };
}

/** One replica that has been busy for long, and what waits behind it. */
async function backlog(inputs: readonly unknown[], { idempotent = true, mailbox = 1_000 } = {}) {
  const world = new InProcessMesh();
  const gated = gatedAgent();
  const { begun } = gated;
  const agent = { ...gated.agent, mailbox };
  const { mesh: first, transport: giver } = await world.join({ node: "first" });
  const hosting = await first.serve(agent);
  const { mesh: client, transport } = await world.join();
  const calls = inputs.map((input) => client.call("gated.work", input, { idempotent, timeout: "10s" }));
  await world.advance(30);
  const second = async (): Promise<Hosting> => {
    const hosting = await (await world.member({ node: "second" })).serve(agent);
    await turns(9);
    return hosting;
  };
  return { world, begun, hosting, client, transport, giver, calls, second };
}

const inputsOf = (begun: readonly Begun[]): unknown[] => begun.map(({ input }) => input);

test("Z2: a replica that comes takes the oldest of what waits elsewhere, and then the next", async () => {
  const { world, begun, hosting, client, calls, second } = await backlog(["a", "b", "c"]);
  expect(hosting.load).toEqual({ running: 1, waiting: 2, slots: 1 });
  const other = await second();
  expect(inputsOf(begun)).toEqual(["a", "b"]);
  expect(begun[1]?.replica).toBe(other.id);
  begun[1]?.gate.open("done b");
  await world.advance(5);
  expect(inputsOf(begun)).toEqual(["a", "b", "c"]);
  begun[2]?.gate.open("done c");
  begun[0]?.gate.open("done a");
  expect(await world.settle(Promise.all(calls))).toEqual(["done a", "done b", "done c"]);
  expect(await movesOf(world, client)).toEqual([
    { away: 2, stolen: 2, here: 0 },
    { away: 0, stolen: 0, here: 2 },
  ]);
});

async function movesOf(world: InProcessMesh, client: Mesh): Promise<MovedFigures[]> {
  return (await world.settle(client.stats("gated"))).map(({ moved }) => moved);
}

test("Z2: a request that comes to a busy replica goes to one that is free", async ({ mesh: world }) => {
  const { agent, begun } = gatedAgent();
  await (await world.member()).serve(agent);
  await (await world.member()).serve(agent);
  const client = await world.member();
  for (let i = 0; i < 20; i++) {
    const calls = [client.call("gated.work", i), client.call("gated.work", i)];
    await world.advance(30);
    const [one, two] = begun.splice(0);
    expect(two?.replica).not.toBe(one?.replica);
    one?.gate.open(1);
    two?.gate.open(2);
    await world.settle(Promise.all(calls));
  }
  // Nobody has come for what was offered.
  const moves = await movesOf(world, client);
  expect(moves.reduce((sum, { here }) => sum + here, 0)).toBeGreaterThan(0);
  expect(moves.map(({ stolen }) => stolen)).toEqual([0, 0]);
});

test("a moved request has the time that is left, and its caller's cancel reaches whoever has it", async ({
  mesh: world,
}) => {
  const { agent, begun } = gatedAgent();
  await (await world.member()).serve(agent);
  const client = await world.member();
  const abort = new AbortController();
  const running = client.call("gated.work", 1, { timeout: "10s" });
  const moved = client.call("gated.work", 2, { timeout: "10s", signal: abort.signal });
  const outcome = expect(moved).rejects.toMatchObject({ code: "cancelled" });
  await turns(5);
  await world.advance(1_000);
  await (await world.member()).serve(agent);
  await turns(9);
  expect(inputsOf(begun)).toEqual([1, 2]);
  expect(begun[1]?.remainingMs).toBeGreaterThan(8_950);
  expect(begun[1]?.remainingMs).toBeLessThanOrEqual(9_000);
  abort.abort();
  await outcome;
  await turns(9);
  expect(begun[1]?.signal.aborted).toBe(true);
  begun[0]?.gate.open("done");
  await world.settle(running);
});

test("P3: a cancel that crosses the word of the move is passed on", async () => {
  const { world, begun, giver, client, second, calls } = await backlog([1]);
  const abort = new AbortController();
  const moved = client.call("gated.work", 2, { signal: abort.signal, idempotent: true, timeout: "10s" });
  const outcome = expect(moved).rejects.toMatchObject({ code: "cancelled" });
  await world.advance(30);
  // The client gives up in the very turn in which the request moves, before it has heard of it.
  giver.onPublish = ({ kind }) => {
    if (kind === Kind.give) abort.abort();
    return true;
  };
  await second();
  await outcome;
  await turns(9);
  expect(begun[1]?.signal.aborted).toBe(true);
  begun[0]?.gate.open(1);
  await world.settle(Promise.all(calls));
});

test("P4: when the replica dies that has taken a request from another, the caller sends it again", async () => {
  const { world, begun, calls } = await backlog(["a", "b"]);
  const { mesh: other, transport } = await world.join({ node: "second" });
  const hosted = gatedAgent();
  await other.serve(hosted.agent);
  await turns(9);
  expect(inputsOf(hosted.begun)).toEqual(["b"]);
  await transport.close();
  begun[0]?.gate.open("done a");
  await world.advance(500);
  expect(inputsOf(begun)).toEqual(["a", "b"]);
  begun[1]?.gate.open("done b");
  expect(await world.settle(Promise.all(calls))).toEqual(["done a", "done b"]);
});

test("R2: what waits in a replica that leaves is handed over, to those that are busy too", async () => {
  const { world, begun, hosting, calls, second } = await backlog(["a", "b", "c", "d"]);
  await second();
  expect(hosting.load).toMatchObject({ running: 1, waiting: 2 });
  const stopped = hosting.stop();
  await turns(30);
  expect(hosting.load).toMatchObject({ running: 1, waiting: 0 });
  begun[0]?.gate.open("done a");
  await world.settle(stopped);
  for (const [at, name] of ["b", "c", "d"].entries()) {
    await world.advance(5);
    expect(begun[at + 1]?.input).toBe(name);
    begun[at + 1]?.gate.open(`done ${name}`);
  }
  expect(await world.settle(Promise.all(calls))).toEqual(["done a", "done b", "done c", "done d"]);
});

test("a plain request is moved with its headers, and gets its one reply", async () => {
  const { world, begun, calls, transport, second } = await backlog([1]);
  const replies: Message[] = [];
  transport.subscribe("answers", (message) => replies.push(message));
  const headers = { "Shoal-Timeout": "4s", "Shoal-Idempotency-Key": "k" };
  transport.publish("mesh.gated.work", Buffer.from("typed"), { reply: "answers", headers });
  await turns(5);
  await world.advance(1_000);
  await second();
  expect(begun[1]).toMatchObject({ input: "typed", key: "k" });
  expect(begun[1]?.remainingMs).toBeGreaterThan(2_900);
  expect(begun[1]?.remainingMs).toBeLessThanOrEqual(3_001);
  begun[1]?.gate.open("answer");
  await turns(9);
  expect(replies.map(({ payload }) => Buffer.from(payload).toString())).toEqual(["answer"]);
  begun[0]?.gate.open(1);
  await world.settle(Promise.all(calls));
});

test("J2: what has expired or was cancelled is not moved", async () => {
  const { world, begun, calls, client, second } = await backlog([1]);
  const late = client.call("gated.work", 2, { timeout: 50, idempotent: true });
  const outcome = expect(late).rejects.toMatchObject({ code: "deadline_exceeded" });
  await world.advance(100);
  await outcome;
  await second();
  expect(inputsOf(begun)).toEqual([1]);
  begun[0]?.gate.open(1);
  await world.settle(Promise.all(calls));
});

test("with `lanes: false` a replica neither gives nor takes", async () => {
  const { world, begun, calls } = await backlog([1, 2]);
  await (await world.member({ lanes: false })).serve(gatedAgent().agent);
  await world.advance(300);
  expect(inputsOf(begun)).toEqual([1]);
  begun[0]?.gate.open(1);
  await world.advance(10);
  begun[1]?.gate.open(2);
  await world.settle(Promise.all(calls));
});

test("Z3: where nobody is free what waits is gathered in one place, and moves on to free slots only", async ({
  mesh: world,
}) => {
  const { agent, begun } = gatedAgent();
  const hostings: Hosting[] = [];
  for (let i = 0; i < 3; i++) hostings.push(await (await world.member()).serve(agent));
  const client = await world.member();
  const calls: Promise<unknown>[] = [];
  for (let i = 0; i < 30; i++) {
    calls.push(client.call("gated.work", i, { timeout: "60s" }));
    await world.advance(30);
  }
  expect(hostings.map(({ load }) => load.running)).toEqual([1, 1, 1]);
  expect(hostings.map(({ load }) => load.waiting).toSorted((a, b) => a - b)).toEqual([0, 0, 27]);
  // Nothing is moved to and fro meanwhile.
  await world.advance(500);
  for (let i = 0; i < 30; i++) {
    begun[i]?.gate.open(i);
    await world.advance(10);
  }
  await world.settle(Promise.all(calls));
  expect(inputsOf(begun)).toEqual(Array.from({ length: 30 }, (_, i) => i));
});

test("Z1: a request that was given to a replica that is gone comes back, and is not lost", async () => {
  const { world, begun, giver, calls } = await backlog(["a", "b"]);
  const { broker, clock, log: logger } = world;
  const transport = new FaultyTransport({ broker, clock, random: () => 1, loss: { dropped: 0, doubled: 0 } });
  const other = await connect({ transport, clock, logger });
  const hosted = gatedAgent();
  // It dies between its claim and the request.
  giver.onPublish = ({ kind }) => {
    if (kind === Kind.give) transport.breakOff();
    return true;
  };
  await other.serve(hosted.agent);
  await turns(20);
  expect(hosted.begun).toEqual([]);
  begun[0]?.gate.open("done a");
  await world.advance(20);
  expect(inputsOf(begun)).toEqual(["a", "b"]);
  begun[1]?.gate.open("done b");
  expect(await world.settle(Promise.all(calls))).toEqual(["done a", "done b"]);
});

test("a caller's own word of moves opens no door: what a frame says of itself counts only when it was given", async ({
  mesh: world,
}) => {
  const { agent } = gatedAgent();
  await (await world.member()).serve({ ...agent, mailbox: 2, rateLimit: { perSecond: 1, burst: 1 } });
  const { mesh: client, transport } = await world.join();
  transport.onPublish = ({ payload, kind }) => {
    if (kind === Kind.request) patchMoves(payload, 1);
    return true;
  };
  const first = client.call("gated.work", 1, { timeout: "1s" }).catch(() => {});
  await expect(world.settle(client.call("gated.work", 2, { timeout: "1s" }))).rejects.toMatchObject({
    code: "overloaded",
  });
  await world.settle(first);
});

test("P4: what its old holder says of a call that has moved since does it no harm", async () => {
  const { world, begun, transport, calls, second } = await backlog(["a", "b"], { idempotent: false });
  // The client asks after its calls, and the question is on its way when one of them moves.
  const questions: Published[] = [];
  transport.onPublish = (message) => {
    if (message.kind !== Kind.ping) return true;
    questions.push(message);
    return false;
  };
  transport.become("disconnected");
  transport.become("connected");
  await world.advance(20);
  transport.onPublish = () => true;
  await second();
  expect(inputsOf(begun)).toEqual(["a", "b"]);
  expect(questions.length).toBeGreaterThan(0);
  for (const { subject, payload, reply } of questions) transport.publish(subject, payload, { reply });
  await world.advance(50);
  begun[0]?.gate.open("done a");
  begun[1]?.gate.open("done b");
  expect(await world.settle(Promise.all(calls))).toEqual(["done a", "done b"]);
});

test("M2: what comes unasked to where requests are gathered finds no more room than anything else", async () => {
  const { world, begun, hosting, client, calls, second } = await backlog(["a", "b", "c"], { mailbox: 10 });
  const other = await second();
  expect([hosting.load.running, other.load.running]).toEqual([1, 1]);
  const outcomes: Promise<string>[] = [];
  const send = (): void => {
    const outcome = client.call("gated.work", 0, { timeout: "5s" }).then(
      () => "ok",
      (error: MeshError) => error.code,
    );
    outcomes.push(outcome);
  };
  // One by one, until both know where requests are gathered; then all at once.
  for (let i = 0; i < 3; i++) {
    send();
    await world.advance(5);
  }
  for (let i = 0; i < 80; i++) {
    send();
    await turns(1);
  }
  await world.advance(10);
  expect(Math.max(hosting.load.waiting, other.load.waiting)).toBeLessThanOrEqual(11);
  for (let i = 0; i < 100; i++) {
    for (const { gate } of begun) gate.open("done");
    await world.advance(5);
  }
  expect(new Set(await world.settle(Promise.all(outcomes)))).toEqual(new Set(["ok", "overloaded"]));
  await world.settle(Promise.all(calls));
});

test("R2, R3: a request that reaches a replica after it has stopped is answered: another may take it", async () => {
  const { world, begun, giver, transport, calls, second } = await backlog(["a"]);
  const replies: Message[] = [];
  transport.subscribe("answers", (message) => replies.push(message));
  transport.publish("mesh.gated.work", Buffer.from("typed"), { reply: "answers" });
  await world.advance(30);
  const held: Published[] = [];
  giver.onPublish = (message) => {
    if (message.kind !== Kind.give) return true;
    held.push(message);
    return false;
  };
  const other = await second();
  await world.settle(other.stop());
  giver.onPublish = () => true;
  for (const { subject, payload, reply } of held) giver.publish(subject, payload, { reply });
  await turns(9);
  expect(held).toHaveLength(1);
  expect(replies.map((reply) => reply.header("Nats-Service-Error-Code"))).toEqual(["503"]);
  begun[0]?.gate.open("done a");
  await world.settle(Promise.all(calls));
});

test("a mesh that has closed listens to nothing any more, on a connection that lives on", async ({
  mesh: world,
}) => {
  const transport = new TappedTransport(world.broker);
  const open = new Set<string>();
  const subscribe = transport.subscribe.bind(transport);
  transport.subscribe = (subject, ...rest) => {
    const subscription = subscribe(subject, ...rest);
    open.add(subject);
    const gone = (): boolean => open.delete(subject);
    return {
      drain: () => subscription.drain().then(() => void gone()),
      unsubscribe: () => (gone(), subscription.unsubscribe()),
    };
  };
  const mesh = await connect({ transport, clock: world.clock, logger: world.log });
  await mesh.serve(gatedAgent().agent);
  expect(open.size).toBeGreaterThan(5);
  await world.settle(mesh.close());
  await turns(9);
  expect([...open]).toEqual([]);
});
