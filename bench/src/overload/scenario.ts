import { setTimeout as sleep } from "node:timers/promises";
import { connect, type MeshClient } from "@shoal/mesh/client";
import type { Bench } from "../benchmark.ts";
import { machineNow } from "../failover/machine-clock.ts";
import { quietLogger } from "../failover/quiet-logger.ts";
import { type WorkerProcess, startWorker } from "../process.ts";
import { quantile } from "../stats.ts";
import { Member, offer } from "./crowd.ts";
import type { Memory, Run } from "./figures.ts";
import type { NodeCommands } from "./node-worker.ts";
import { MAILBOX, MEMORY_EVERY_S, NODES, NOISE, OVERLOAD, QUIET_CALLERS, SLOTS } from "./settings.ts";

const WORKER = new URL("./node-worker.ts", import.meta.url);
const MEGABYTE = 2 ** 20;
/** In flight, for each slot, while capacity is measured: no node is idle, and no mailbox full. */
const IN_FLIGHT = 6;
/** Mailboxes fill, and what came first is worked off: not measured. */
const FILLING_S = 5;
const PROBES = 40;
const PROBE_EVERY_MS = 20;
/** So many probes in a row are as fast as before. */
const RECOVERED = 5;
const RECOVERY_LIMIT_MS = 30_000;

/** The young generation is as large at the beginning as it ever gets: else that is all that one sees grow. */
const NODE_FLAGS = ["--expose-gc", "--min-semi-space-size=16", "--max-semi-space-size=16"];

type Node = WorkerProcess<NodeCommands>;

/** Some nodes at three times what they can do, and what became of everyone. */
export async function runOverload({ server, progress }: Bench, seconds: number): Promise<Run> {
  await using stack = new AsyncDisposableStack();
  const { url } = await server();
  const nodes = Array.from({ length: NODES }, () =>
    stack.use(startWorker<NodeCommands>(WORKER, { args: [url], nodeFlags: NODE_FLAGS })),
  );
  const replicas = await Promise.all(nodes.map((node) => node.ask("replica")));
  const units = NOISE + QUIET_CALLERS;
  const join = async (name: string): Promise<MeshClient> =>
    stack.use(await connect({ servers: url, name, logger: quietLogger }));
  const noisy = new Member(await join("noisy"), NOISE / units);
  const quiet: Member[] = [];
  for (let n = 0; n < QUIET_CALLERS; n++) quiet.push(new Member(await join(`quiet-${n}`), 1 / units));
  const prober = await join("prober");

  progress("capacity");
  const usualMs = quantile(await probes(prober), 0.95);
  // As long as the overload: by then nodes remember as many answers as they ever will.
  const capacity = await capacityOf(prober, seconds);
  progress(`${Math.round(capacity)} requests a second; now ${OVERLOAD} times as many for ${seconds} s`);

  const members = [noisy, ...quiet];
  const memory: Memory[][] = nodes.map(() => []);
  const over = new AbortController();
  const begin = machineNow();
  const load = offer(members, capacity * OVERLOAD, seconds).finally(() => over.abort());
  await Promise.all([load, watchMemory(nodes, memory, over.signal)]);
  const until = machineNow();
  const recoveredMs = await recovery(prober, until, usualMs);
  await Promise.all(members.map((member) => member.settle()));
  const histories = await Promise.all(nodes.map((node) => node.ask("history")));
  return {
    capacity,
    memory,
    recoveredMs,
    until,
    from: begin + FILLING_S * 1_000,
    accounts: members.map((member) => ({
      isNoisy: member === noisy,
      sent: member.share * capacity * OVERLOAD * (seconds - FILLING_S),
      answered: member.answered,
      refusals: member.refusals,
    })),
    starts: new Map(replicas.map((replica, index) => [replica, histories[index]?.starts ?? []])),
    expiredStarted: histories.reduce((sum, { expiredStarted }) => sum + expiredStarted, 0),
  };
}

async function probe(client: MeshClient): Promise<number> {
  const from = machineNow();
  await client.call("job.work", { id: 0 });
  return machineNow() - from;
}

async function probes(client: MeshClient): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < PROBES; n++) took.push(await probe(client));
  return took;
}

/** Requests a second that are done when as many are under way as keep every slot busy. */
async function capacityOf(client: MeshClient, seconds: number): Promise<number> {
  const until = machineNow() + seconds * 1_000;
  const from = machineNow() + seconds * 200;
  let done = 0;
  const loop = async (): Promise<void> => {
    while (machineNow() < until) {
      await probe(client);
      const now = machineNow();
      if (now >= from && now < until) done++;
    }
  };
  const inFlight = Math.min(NODES * SLOTS * IN_FLIGHT, NODES * MAILBOX);
  await Promise.all(Array.from({ length: inFlight }, loop));
  return (done / (until - from)) * 1_000;
}

async function watchMemory(nodes: readonly Node[], memory: Memory[][], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const all = await Promise.all(nodes.map((node) => node.ask("memory")));
    for (const [index, { heap, rss }] of all.entries())
      memory[index]?.push({ heapMb: heap / MEGABYTE, rssMb: rss / MEGABYTE });
    await sleep(MEMORY_EVERY_S * 1_000, undefined, { signal }).catch(() => {});
  }
}

/** Milliseconds from `since` until some probes in a row took no longer than they usually do, and half as much. */
async function recovery(client: MeshClient, since: number, usualMs: number): Promise<number> {
  let good = 0;
  let firstGood = since;
  while (good < RECOVERED && machineNow() < since + RECOVERY_LIMIT_MS) {
    const from = machineNow();
    const tookMs = await probe(client).catch(() => Infinity);
    if (tookMs > 1.5 * usualMs) good = 0;
    else if (good++ === 0) firstGood = from;
    await sleep(PROBE_EVERY_MS);
  }
  return good < RECOVERED ? NaN : firstGood - since;
}
