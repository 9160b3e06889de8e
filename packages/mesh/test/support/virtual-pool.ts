import { z } from "zod";
import { type Mesh, MemoryBroker, connect, defineAgent } from "../../src/index.ts";
import { turns } from "./actor-fixture.ts";
import { FaultyTransport } from "./faulty-transport.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { RecordingLogger } from "../../src/testing/recording-logger.ts";
import { seeded } from "../../src/testing/seeded.ts";

export interface VirtualPoolOptions {
  readonly replicas: number;
  readonly jobs: number;
  /** Of the pool's capacity: 0 to 1. */
  readonly load: number;
  /** What a message takes from one process to another. */
  readonly latencyMs: number;
  /** What a job takes. @param random 0 to 1 */
  readonly service: (random: number) => number;
  readonly meanMs: number;
  readonly lanes: boolean;
}

/** 99th percentiles in milliseconds: of the pool, and of one ideal queue that gets the same jobs at the same moments. */
export interface Waits {
  readonly pool: number;
  readonly ideal: number;
}

/** A whole pool in virtual time: real replicas and a real client, on a network that takes time. */
export async function virtualPool(options: VirtualPoolOptions): Promise<Waits> {
  const { replicas, jobs, load, latencyMs, service, meanMs, lanes } = options;
  const clock = new ManualClock(0);
  const random = seeded(7);
  const broker = new MemoryBroker({ random: seeded(1) });
  const members: FaultyTransport[] = [];
  const member = async (): Promise<Mesh> => {
    const transport = new FaultyTransport({ broker, clock, random, loss: { dropped: 0, doubled: 0 } });
    members.push(transport);
    return connect({ transport, clock, lanes, logger: new RecordingLogger() });
  };
  const worker = defineAgent({
    name: "worker",
    version: "1.0.0",
    methods: {
      work: { input: z.number(), run: (ms) => new Promise<void>((resolve) => clock.after(ms, resolve)) },
    },
  });
  for (let i = 0; i < replicas; i++) await (await member()).serve(worker);
  const client = await member();
  for (const each of members) each.latencyMs = latencyMs;

  const arrivals: number[] = [];
  let at = clock.now();
  for (let i = 0; i < jobs; i++) arrivals.push((at -= (Math.log(1 - random()) * meanMs) / (load * replicas)));
  const services = arrivals.map(() => service(random()));
  const latencies: number[] = [];
  for (const [i, sentAt] of arrivals.entries())
    clock.after(sentAt, () => {
      void client
        .call("worker.work", services[i], { timeout: "10m" })
        .then(() => latencies.push(clock.now() - sentAt));
    });
  while (latencies.length < jobs) {
    clock.advanceToNext();
    await turns(3);
  }
  return { pool: p99(latencies), ideal: p99(idealQueue(arrivals, services, replicas)) };
}

/** First come, first served, by whichever slot is free first. */
function idealQueue(arrivals: readonly number[], services: readonly number[], slots: number): number[] {
  const freeAt = Array.from({ length: slots }, () => 0);
  return arrivals.map((arrival, i) => {
    const slot = freeAt.indexOf(Math.min(...freeAt));
    const end = Math.max(arrival, freeAt[slot] as number) + (services[i] as number);
    freeAt[slot] = end;
    return end - arrival;
  });
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] as number;
}
