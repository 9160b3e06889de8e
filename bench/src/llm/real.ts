import { connect } from "@shoal/mesh/client";
import type { Bench } from "../benchmark.ts";
import { startWorker } from "../process.ts";
import type { NatsServer } from "../server.ts";
import type { RealWorkerCommands } from "./real-worker.ts";

const WORKER = new URL("./real-worker.ts", import.meta.url);
const IN_FLIGHT = 4;

/** Requests a minute that a real model answers, on the processor alone. */
export interface Real {
  readonly one: number;
  /** The same agent in two processes. */
  readonly two: number;
}

/** @throws Error when there are no weights: `shoal model get smollm2` */
export async function real({ options, progress }: Bench, { url }: NatsServer): Promise<Real> {
  const requests = options.quick ? 8 : 40;
  await using mesh = await connect({ servers: url });
  const perMinute = async (processes: number): Promise<number> => {
    progress(`a model on this machine, in ${processes === 1 ? "one process" : "two processes"}`);
    let next = 0;
    const ask = async (): Promise<void> => {
      while (next < requests)
        await mesh.call("local.prompt", `Tell me about the number ${next++}.`, { timeout: "5m" });
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: IN_FLIGHT }, ask));
    return requests / ((performance.now() - began) / 60_000);
  };
  await using first = startWorker<RealWorkerCommands>(WORKER, { args: [url] });
  await first.ask("replica");
  const one = await perMinute(1);
  await using second = startWorker<RealWorkerCommands>(WORKER, { args: [url] });
  await second.ask("replica");
  return { one, two: await perMinute(2) };
}
