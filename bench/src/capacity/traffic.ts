import { setTimeout as sleep } from "node:timers/promises";
import { connect, type MeshClient } from "@shoal/mesh/client";
import { connect as connectNats, type NatsConnection } from "nats";
import type { Bench } from "../benchmark.ts";
import { startWorker } from "../process.ts";
import { StoreFolder } from "../tasks/store-folder.ts";
import type { CapacityCommands } from "./capacity-worker.ts";
import { CountingProxy, type Traffic } from "./counting-proxy.ts";

/** What one operation puts on the wire, bytes. */
export interface Cost {
  readonly name: string;
  readonly caller: Traffic;
  readonly node: Traffic;
}

/** Characters of text that go in, and come out. */
const PAYLOAD = "x".repeat(100);
const CHUNKS = 1_000;
/** That the node serves. */
const REPLICAS = 2;
/** What follows an answer, such as an acknowledgement, has passed by then. */
const SETTLE_MS = 500;

interface Operation {
  readonly name: string;
  readonly times: number;
  /** Each costs so many of what is told. */
  readonly each?: number;
  readonly run: (n: number) => Promise<unknown>;
}

/** Counts the bytes of each operation at the caller's connection and at the node's: one after another, and the mean. */
export async function measureTraffic(bench: Bench): Promise<Cost[]> {
  await using stack = new AsyncDisposableStack();
  const server = await bench.server({ storeDir: stack.use(new StoreFolder()).path });
  const forNode = stack.use(await CountingProxy.before(server.url));
  const forCaller = stack.use(await CountingProxy.before(server.url));
  const node = stack.use(
    startWorker<CapacityCommands>(new URL("./capacity-worker.ts", import.meta.url), { args: [forNode.url] }),
  );
  await node.ask("serve");
  const mesh = stack.use(await connect({ servers: forCaller.url }));
  const plain = await connectNats({ servers: forCaller.url });
  stack.defer(() => plain.close());

  const costs: Cost[] = [];
  const few = bench.options.quick ? 5 : 20;
  for (const { name, times, each = 1, run } of operations(mesh, plain, few)) {
    bench.progress(`traffic: ${name}`);
    await run(-1);
    await sleep(SETTLE_MS);
    const [caller, served] = [forCaller.traffic, forNode.traffic];
    for (let n = 0; n < times; n++) await run(n);
    await sleep(SETTLE_MS);
    const shared = times * each;
    costs.push({
      name,
      caller: difference(caller, forCaller.traffic, shared),
      node: difference(served, forNode.traffic, shared),
    });
  }
  return costs;
}

function operations(mesh: MeshClient, plain: NatsConnection, few: number): Operation[] {
  const many = few * 50;
  const idempotent = { idempotent: true };
  return [
    {
      name: "a call, 100 B in and out",
      times: many,
      run: () => mesh.call("echo.say", PAYLOAD, idempotent),
    },
    {
      name: "the same by `nats req`",
      times: many,
      run: () => plain.request("mesh.echo.say", PAYLOAD),
    },
    {
      name: "a call that takes 1 s: watched meanwhile",
      times: few,
      run: () => mesh.call("echo.wait", PAYLOAD, idempotent),
    },
    {
      name: "a chunk of a stream, 50 B",
      times: few,
      each: CHUNKS,
      run: async () => {
        for await (const _ of mesh.stream("echo.tell", { chunks: CHUNKS, chunk: "x".repeat(50) }));
      },
    },
    {
      name: "a request of a session, state of 100 B",
      times: many,
      run: () => mesh.call("chat.say", PAYLOAD, { session: "one" }),
    },
    {
      name: "`shoal ls`, for each replica",
      times: few,
      each: REPLICAS,
      run: () => mesh.discover(),
    },
    {
      name: "a durable task, 100 B in and out",
      times: many / 5,
      run: async () => (await mesh.submit("echo.say", PAYLOAD)).result(),
    },
  ];
}

function difference(before: Traffic, after: Traffic, times: number): Traffic {
  return { up: (after.up - before.up) / times, down: (after.down - before.down) / times };
}
