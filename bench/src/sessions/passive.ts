import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@shoal/mesh/client";
import type { Bench } from "../benchmark.ts";
import { startWorker } from "../process.ts";
import type { NatsServer } from "../server.ts";
import type { SessionWorkerCommands } from "./session-worker.ts";

export const WORKER: URL = new URL("./session-worker.ts", import.meta.url);
const SESSIONS = 100_000;
const QUICK_SESSIONS = 5_000;
/** Few enough that none takes long: of those that do, the answers are kept for a minute. */
const IN_FLIGHT = 32;
const IDLE_MS = 1_000;

/** What a node keeps of sessions that nobody asks for. */
export interface Passive {
  readonly sessions: number;
  /** Bytes of the node's heap for each, when all of them rest. */
  readonly bytes: number;
  /** Sessions begun in a second: each is taken, and stored with its first change. */
  readonly perSecond: number;
}

export async function passive({ options, progress }: Bench, { url }: NatsServer): Promise<Passive> {
  const count = options.quick ? QUICK_SESSIONS : SESSIONS;
  await using worker = startWorker<SessionWorkerCommands>(WORKER, {
    args: [url, String(IDLE_MS)],
    nodeFlags: ["--expose-gc"],
  });
  await worker.ask("replica");
  await using mesh = await connect({ servers: url });
  const open = async (from: number, to: number): Promise<void> => {
    let next = from;
    const loop = async (): Promise<void> => {
      while (next < to) {
        const n = next++;
        if (n % 20_000 === 0) progress(`passive sessions: ${n} of ${count}`);
        await mesh.call("counter.count", { id: `conversation-${n}` }, { timeout: "60s" });
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
  };
  // What is compiled and grown once is not the sessions'.
  await open(-5_000, 0);
  await sleep(3 * IDLE_MS);
  const before = await worker.ask("heap");
  const began = performance.now();
  await open(0, count);
  const perSecond = (count / (performance.now() - began)) * 1_000;
  await sleep(3 * IDLE_MS);
  const bytes = Math.max(0, (await worker.ask("heap")) - before) / count;
  return { sessions: count, bytes, perSecond };
}
