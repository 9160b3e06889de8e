import type { JetStreamManager, NatsConnection, StoredMsg } from "nats";
import { AckPolicy, nanos } from "nats";
import type { AddOptions, Added, Queue, QueueWorker, Queued, WorkerOptions } from "../store.ts";
import type { Transport } from "../transport.ts";
import type { Asks } from "./asks.ts";
import {
  type ApiError,
  CONSUMER_EXISTS,
  DELETE_FAILED,
  MESSAGE_NOT_FOUND,
  SEQUENCE_NOT_FOUND,
  apiErrorOf,
  asJetError,
  jetError,
} from "./jet-error.ts";
import { onceSeen } from "./once-seen.ts";
import { JetWorker } from "./jet-worker.ts";

const MESSAGE_ID = "Nats-Msg-Id";

export interface JetQueueParts {
  readonly connection: NatsConnection;
  readonly transport: Transport;
  readonly asks: Asks;
  readonly manager: JetStreamManager;
}

/** A work-queue stream of JetStream. */
export class JetQueue implements Queue {
  private readonly stream: string;
  private readonly parts: JetQueueParts;

  constructor(stream: string, parts: JetQueueParts) {
    this.stream = stream;
    this.parts = parts;
  }

  async add(subject: string, payload: Uint8Array, { headers, id }: AddOptions = {}): Promise<Added> {
    const all = id === undefined ? headers : { ...headers, [MESSAGE_ID]: id };
    const answer = await this.parts.asks.ask(subject, payload, all);
    const {
      error,
      seq,
      duplicate = false,
    } = JSON.parse(Buffer.from(answer.payload).toString()) as Acknowledged;
    if (error) throw jetError(`adding to ${subject}`, error);
    return { sequence: seq, isDuplicate: duplicate };
  }

  async remove(sequence: number): Promise<boolean> {
    try {
      return await this.parts.manager.streams.deleteMessage(this.stream, sequence);
    } catch (error) {
      if (isAbsence(error)) return false;
      throw asJetError(`removing message ${sequence} of ${this.stream}`, error);
    }
  }

  async get(sequence: number): Promise<Queued | undefined> {
    return this.find({ seq: sequence });
  }

  async *messages(): AsyncGenerator<Queued> {
    for (let from = 1; ;) {
      const next = await this.find({ seq: from, next_by_subj: ">" });
      if (!next) return;
      yield next;
      from = next.sequence + 1;
    }
  }

  async worker(name: string, options: WorkerOptions): Promise<QueueWorker> {
    const { connection, transport } = this.parts;
    const renew = (): Promise<void> => this.consumer(name, options);
    await renew();
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.stream}.${name}`;
    return new JetWorker(subject, connection, transport, options, renew);
  }

  private async consumer(name: string, { subjects, ackWaitMs }: WorkerOptions): Promise<void> {
    const settings = { filter_subjects: [...subjects], ack_wait: nanos(ackWaitMs) };
    const { consumers } = this.parts.manager;
    try {
      const shared = {
        ...settings,
        durable_name: name,
        ack_policy: AckPolicy.Explicit,
        max_deliver: -1,
        max_ack_pending: -1,
        max_waiting: MOST_WAITING,
      };
      await onceSeen(() => consumers.add(this.stream, shared));
    } catch (error) {
      if (apiErrorOf(error)?.err_code !== CONSUMER_EXISTS)
        throw asJetError(`taking part in the work of ${name}`, error);
      await consumers.update(this.stream, name, settings).catch((failure: unknown) => {
        throw asJetError(`changing how the work of ${name} is shared`, failure);
      });
    }
  }

  private async find(query: { seq: number; next_by_subj?: string }): Promise<Queued | undefined> {
    try {
      return queuedOf(await this.parts.manager.streams.getMessage(this.stream, query));
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw asJetError(`reading ${this.stream}`, error);
    }
  }
}

/** Questions of workers that may wait at the server: each has two at most. */
const MOST_WAITING = 16_384;

const ABSENT: ReadonlySet<number> = new Set([MESSAGE_NOT_FOUND, SEQUENCE_NOT_FOUND, DELETE_FAILED]);

interface Acknowledged {
  readonly seq: number;
  readonly duplicate?: boolean;
  readonly error?: ApiError;
}

function queuedOf({ subject, data, header, seq, time }: StoredMsg): Queued {
  return {
    subject,
    payload: data,
    sequence: seq,
    queuedAt: time.getTime(),
    header: (name) => header.get(name) || undefined,
  };
}

function isAbsence(error: unknown): boolean {
  const code = apiErrorOf(error)?.err_code;
  return (code !== undefined && ABSENT.has(code)) || (error as { code?: unknown }).code === "404";
}
