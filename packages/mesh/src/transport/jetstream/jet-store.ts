import { type JetStreamManager, type NatsConnection, RetentionPolicy, nanos } from "nats";
import type { Transport } from "../transport.ts";
import type { Bucket, Keeping, Objects, Queue, QueueOptions, Store } from "../store.ts";
import { Asks } from "./asks.ts";
import { asJetError } from "./jet-error.ts";
import { JetBucket } from "./jet-bucket.ts";
import { JetObjects } from "./jet-objects.ts";
import { JetQueue } from "./jet-queue.ts";
import { ensureStream } from "./stream.ts";
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

  async bucket(name: string, options: Keeping = {}): Promise<Bucket> {
    const manager = await this.manager();
    await ensureStream(manager, {
      name: `KV_${name}`,
      subjects: [`$KV.${name}.>`],
      max_msgs_per_subject: 1,
      allow_rollup_hdrs: true,
      allow_direct: true,
      allow_msg_ttl: true,
      ...keptAs(options),
    });
    return JetBucket.open(name, this.connection, this.asks);
  }

  async objects(name: string, options: Keeping = {}): Promise<Objects> {
    const manager = await this.manager();
    await ensureStream(manager, {
      name: `OBJ_${name}`,
      subjects: [`$O.${name}.C.>`, `$O.${name}.M.>`],
      allow_rollup_hdrs: true,
      allow_direct: true,
      ...keptAs(options),
    });
    return JetObjects.open(name, this.connection);
  }

  async queue(name: string, options: QueueOptions): Promise<Queue> {
    const { subjects, maxMessages, maxMessagesPerSubject, duplicateWindowMs = DUPLICATE_WINDOW_MS } = options;
    const manager = await this.manager();
    await ensureStream(manager, {
      name,
      subjects: [...subjects],
      retention: RetentionPolicy.Workqueue,
      allow_direct: true,
      duplicate_window: nanos(duplicateWindowMs),
      max_msgs: maxMessages ?? -1,
      max_msgs_per_subject: maxMessagesPerSubject ?? -1,
      discard_new_per_subject: maxMessagesPerSubject !== undefined,
      ...keptAs(options),
    });
    return new JetQueue(name, {
      connection: this.connection,
      transport: this.transport,
      asks: this.asks,
      manager,
    });
  }

  private manager(): Promise<JetStreamManager> {
    this.managing ??= this.connection.jetstreamManager().catch((error: unknown) => {
      this.managing = undefined;
      throw asJetError("opening JetStream", error);
    });
    return this.managing;
  }
}
