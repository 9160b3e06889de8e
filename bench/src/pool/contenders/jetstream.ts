import {
  AckPolicy,
  RetentionPolicy,
  StorageType,
  connect,
  createInbox,
  type Consumer,
  type NatsConnection,
} from "nats";
import { TIMEOUT_MS, type Contender } from "../contender.ts";
import type { Done, Job, Work } from "../job.ts";

const STREAM = "BENCH_POOL";
const SUBJECT = "bench.pool.jetstream";
const CONSUMER = "pool";
const PULL_MS = 30_000;

interface Order extends Job {
  /** Where the answer goes: a stream knows nothing of replies. */
  readonly reply: string;
}

/**
 * A work-queue stream in memory, from which each slot pulls one job, answers, acknowledges, and pulls the next. The
 * stream is the shared queue; nobody holds a job before it is free.
 */
export const jetstream: Contender = {
  async serve(url, slots, work) {
    const connection = await connect({ servers: url });
    const manager = await connection.jetstreamManager();
    // Both do nothing when they are there already.
    await manager.streams.add({
      name: STREAM,
      subjects: [SUBJECT],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.Memory,
    });
    await manager.consumers.add(STREAM, { durable_name: CONSUMER, ack_policy: AckPolicy.Explicit });
    const consumer = await connection.jetstream().consumers.get(STREAM, CONSUMER);
    for (let slot = 0; slot < slots; slot++) void pullForEver(connection, consumer, work);
  },

  async ask(url) {
    const connection = await connect({ servers: url });
    const stream = connection.jetstream();
    return async (job) => {
      const { promise, resolve, reject } = Promise.withResolvers<Done>();
      const reply = createInbox();
      connection.subscribe(reply, {
        max: 1,
        timeout: TIMEOUT_MS,
        callback: (error, message) => (error ? reject(error) : resolve(message.json<Done>())),
      });
      const published = stream.publish(SUBJECT, JSON.stringify({ ...job, reply } satisfies Order));
      const [done] = await Promise.all([promise, published]);
      return done;
    };
  },
};

async function pullForEver(connection: NatsConnection, consumer: Consumer, work: Work): Promise<void> {
  while (!connection.isClosed()) {
    const message = await consumer.next({ expires: PULL_MS });
    if (message === null) continue;
    const { reply, ...job } = message.json<Order>();
    connection.publish(reply, JSON.stringify(await work(job)));
    message.ack();
  }
}
