import { connect } from "@shoal/mesh/client";
import { connect as connectNats } from "nats";
import type { Bench } from "../benchmark.ts";
import { startWorker } from "../process.ts";
import type { NatsServer } from "../server.ts";
import { quantile } from "../stats.ts";
import { WORKER } from "./passive.ts";
import type { SessionWorkerCommands } from "./session-worker.ts";

const LONG_MS = 3_600_000;

/** Milliseconds of one request after another: the median. */
export interface Latencies {
  /** One write to a bucket by the library alone. */
  readonly put: number;
  /** A request that belongs to no session. */
  readonly plain: number;
  /** The session is here: one write. */
  readonly held: number;
  /** The session rests: it is read, taken and written. */
  readonly resting: number;
  /** A pool of two, whose replicas have the session in turn, as NATS picks them. */
  readonly passed: number;
}

export async function latencies({ options, progress }: Bench, { url }: NatsServer): Promise<Latencies> {
  const times = options.quick ? 200 : 2_000;
  await using alone = startWorker<SessionWorkerCommands>(WORKER, { args: [url, String(LONG_MS)] });
  await alone.ask("replica");
  await using mesh = await connect({ servers: url });
  const ask = (id: string): Promise<unknown> => mesh.call("counter.count", { id });
  const measured = async (what: string, once: (n: number) => Promise<unknown>): Promise<number> => {
    progress(`latency: ${what}`);
    const took: number[] = [];
    for (let n = -times / 10; n < times; n++) {
      const began = performance.now();
      await once(n);
      if (n >= 0) took.push(performance.now() - began);
    }
    return quantile(took, 0.5);
  };
  const connection = await connectNats({ servers: url });
  const bucket = await connection.jetstream().views.kv("bare");
  const value = Buffer.alloc(100);
  const put = await measured("a bare write", (n) => bucket.put(`k${n}`, value));
  await connection.close();
  const plain = await measured("no session", () => mesh.call("counter.plain", {}));
  const held = await measured("a session that is held", () => ask("one"));
  const resting = await measured("a session that rests", (n) => ask(`new-${n}`));
  await using second = startWorker<SessionWorkerCommands>(WORKER, { args: [url, String(LONG_MS)] });
  await second.ask("replica");
  const passed = await measured("a session of a pool of two", () => ask("shared"));
  return { put, plain, held, resting, passed };
}
