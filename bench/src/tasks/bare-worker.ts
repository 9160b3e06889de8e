import { AckPolicy, RetentionPolicy, connect } from "nats";
import { serveParent } from "../worker.ts";
import { IN_FLIGHT, SLOTS } from "./settings.ts";

/** The library alone: a work queue in files, published with acknowledgement, consumed by callback, acknowledged. */
const [servers = ""] = process.argv.slice(2);
const STREAM = "BARE";
const SUBJECT = "bare.job.work";
const connection = await connect({ servers });
const manager = await connection.jetstreamManager();
await manager.streams.add({ name: STREAM, subjects: [SUBJECT], retention: RetentionPolicy.Workqueue });
await manager.consumers.add(STREAM, {
  durable_name: "job",
  ack_policy: AckPolicy.Explicit,
  max_ack_pending: -1,
});
const stream = connection.jetstream();

const commands = {
  async work(): Promise<void> {
    const consumer = await stream.consumers.get(STREAM, "job");
    await consumer.consume({ max_messages: SLOTS, callback: (message) => message.ack() });
  },

  async submit(count: number): Promise<void> {
    let next = 0;
    const loop = async (): Promise<void> => {
      while (next < count) await stream.publish(SUBJECT, JSON.stringify({ n: next++ }));
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
  },
};

export type BareCommands = typeof commands;

serveParent(commands);
