import { type JetStreamManager, type NatsConnection, RetentionPolicy, nanos } from "nats";
import type { Transport } from "../transport.ts";
import type { Bucket, Keeping, Objects, Queue, QueueOptions, Store } from "../store.ts";
import { Asks } from "./asks.ts";
import { insist } from "./insist.ts";
import { asJetError } from "./jet-error.ts";
import { JetBucket } from "./jet-bucket.ts";
import { JetObjects } from "./jet-objects.ts";
import { JetQueue } from "./jet-queue.ts";
import { type Wanted, checkStream, ensureStream } from "./stream.ts";
import { keptAs } from "./kept-as.ts";

const DUPLICATE_WINDOW_MS = 120_000;

/** The store of a NATS server: JetStream, its key-value buckets and its object store. */
export class JetStore implements Store {
  private readonly connection: NatsConnection;
  private readonly transport: Transport;
  private readonly asks: Asks;
  private managing: Promise<JetStreamManager> | undefined;

  constructor(connection: NatsConnection, transport: Transport) {
    this.connection = connection;
    this.transport = transport;
    this.asks = new Asks(transport);
  }

  get largest(): number {
    return this.transport.maxPayload;
  }

  now(): number {
    return Date.now();
  }

  async bucket(name: string, options?: Keeping): Promise<Bucket> {
    const manager = await this.open(`KV_${name}`, options, () => ({
      subjects: [`$KV.${name}.>`],
      max_msgs_per_subject: 1,
      allow_rollup_hdrs: true,
      allow_msg_ttl: true,
    }));
    return JetBucket.open(name, this.connection, manager, this.asks);
  }

  async objects(name: string, options?: Keeping): Promise<Objects> {
    await this.open(`OBJ_${name}`, options, () => ({
      subjects: [`$O.${name}.C.>`, `$O.${name}.M.>`],
      allow_rollup_hdrs: true,
    }));
    return JetObjects.open(name, this.connection);
  }

  async queue(name: string, options?: QueueOptions): Promise<Queue> {
    const manager = await this.open(name, options, asQueue);
    const { connection, transport, asks } = this;
    return new JetQueue(name, { connection, transport, asks, manager });
  }

  /** @param settings what its kind needs */
  private async open<T extends Keeping>(
    name: string,
    options: T | undefined,
    settings: (options: T) => Partial<Wanted>,
  ): Promise<JetStreamManager> {
    const manager = await this.manager();
    if (options)
      await ensureStream(manager, { name, allow_direct: true, ...settings(options), ...keptAs(options) });
    else await checkStream(manager, name);
    return manager;
  }

  private manager(): Promise<JetStreamManager> {
    this.managing ??= insist(() => this.connection.jetstreamManager()).catch((error: unknown) => {
      this.managing = undefined;
      throw asJetError("opening JetStream", error);
    });
    return this.managing;
  }
}

function asQueue(options: QueueOptions): Partial<Wanted> {
  const { subjects, maxMessages, maxMessagesPerSubject, duplicateWindowMs = DUPLICATE_WINDOW_MS } = options;
  return {
    subjects: [...subjects],
    retention: RetentionPolicy.Workqueue,
    duplicate_window: nanos(duplicateWindowMs),
    max_msgs: maxMessages ?? -1,
    max_msgs_per_subject: maxMessagesPerSubject ?? -1,
    // The server leaves out what is false.
    ...(maxMessagesPerSubject === undefined ? {} : { discard_new_per_subject: true }),
    // A queue that is made anew must not count through the numbers of the one before: in microseconds, it never gets there.
    first_seq: Date.now() * 1_000,
  };
}
