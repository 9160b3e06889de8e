import type { ChunkSink, Inbound } from "../actor/inbound.ts";
import { toMs } from "../duration.ts";
import type { MeshError } from "../errors.ts";
import { failureOf } from "../protocol/failure.ts";
import { Header } from "../protocol/headers.ts";
import { type PlainShape, decodePlain, encodePlain } from "../protocol/plain.ts";
import { newRequestId, requestIdText } from "../protocol/request-id.ts";
import { type Trace, parseTraceparent } from "../protocol/trace.ts";
import type { Message, Transport } from "../transport/transport.ts";
import { oversized } from "../transport/oversized.ts";

/** Chunks between two waits for the server: a plain caller grants no credit. */
const FLUSH_EVERY = 64;

/** A request that somebody typed, and the one plain reply that it gets. */
export class PlainInbound implements Inbound {
  readonly remainingMs: number;
  readonly attempt = 1;
  readonly chain: readonly string[];
  readonly idempotencyKey: string | undefined;
  readonly trace: Trace | undefined;
  private readonly message: Message;
  private readonly transport: Transport;
  private readonly wantsStream: boolean;
  private requestId: string | undefined;

  /**
   * @param timeoutMs the deadline when no header sets one
   * @throws MeshError `bad_request` when a header is malformed
   */
  constructor(message: Message, transport: Transport, timeoutMs: number) {
    this.message = message;
    this.transport = transport;
    const header = (name: string): string | undefined =>
      message.hasHeaders ? message.header(name) : undefined;
    const timeout = header(Header.timeout);
    this.remainingMs =
      timeout === undefined
        ? timeoutMs
        : toMs(/^\d+$/.test(timeout) ? Number(timeout) : timeout, Header.timeout);
    this.chain = header(Header.chain)?.split(",") ?? [];
    this.idempotencyKey = header(Header.idempotencyKey);
    this.wantsStream = /^(1|true|yes)$/i.test(header(Header.stream) ?? "");
    const traceparent = header(Header.traceparent);
    this.trace = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  }

  /** Answers a plain request with an error: headers as micro services have them, and a JSON body. */
  static refuse({ reply }: Message, transport: Transport, error: MeshError): void {
    if (!reply) return;
    const headers = {
      [Header.error]: error.message.slice(0, 1_024),
      [Header.errorCode]: String(error.status),
    };
    const failure = failureOf(error);
    try {
      transport.publish(reply, encodePlain(failure), { headers });
    } catch {
      // The details cannot be sent, or are too large: the rest must arrive.
      const short = { ...failure, message: error.message.slice(0, 4_096), details: undefined };
      transport.publish(reply, encodePlain(short), { headers });
    }
  }

  get id(): string {
    return (this.requestId ??= requestIdText(newRequestId()));
  }

  input(shape: () => PlainShape): unknown {
    return decodePlain(this.message.payload, shape());
  }

  /** A plain caller gets one reply, and this is not it. */
  accepted(): void {}

  result(value: unknown): undefined {
    const payload = encodePlain(value);
    if (!this.wantsStream) return this.respond(payload);
    // Whoever asked for a stream waits for its end.
    if (payload.length > 0) this.respond(payload);
    this.respond(new Uint8Array(0));
  }

  openStream(): ChunkSink {
    if (!this.wantsStream) return new GatheringSink(this, this.transport.maxPayload);
    return new PlainSink(this, this.transport);
  }

  error(error: MeshError): void {
    PlainInbound.refuse(this.message, this.transport, error);
    if (this.wantsStream) this.respond(new Uint8Array(0));
  }

  closed(): void {}

  respond(payload: Uint8Array): undefined {
    if (this.message.reply) this.transport.publish(this.message.reply, payload);
  }
}

/** Chunks as they come, then a message of zero bytes. A chunk that is itself empty is left out. */
class PlainSink implements ChunkSink {
  private readonly inbound: PlainInbound;
  private readonly transport: Transport;
  private sent = 0;

  constructor(inbound: PlainInbound, transport: Transport) {
    this.inbound = inbound;
    this.transport = transport;
  }

  ready(): Promise<void> | undefined {
    if (++this.sent % FLUSH_EVERY !== 0) return undefined;
    // While the connection is down, the transport's own limit ends the stream.
    return this.transport.flush().catch(() => {});
  }

  send(chunk: unknown): void {
    const payload = encodePlain(chunk);
    if (payload.length > 0) this.inbound.respond(payload);
  }

  end(): void {
    this.inbound.respond(new Uint8Array(0));
  }
}

/** The whole stream as one reply: text joined, anything else as a JSON array. */
class GatheringSink implements ChunkSink {
  private readonly inbound: PlainInbound;
  private readonly limit: number;
  private readonly chunks: unknown[] = [];
  private bytes = 0;

  constructor(inbound: PlainInbound, limit: number) {
    this.inbound = inbound;
    this.limit = limit;
  }

  ready(): undefined {}

  send(chunk: unknown): void {
    // And a comma: chunks of nothing must not go on for ever.
    this.bytes += encodePlain(chunk).length + 1;
    if (this.bytes > this.limit) throw oversized(this.bytes, this.limit);
    this.chunks.push(chunk);
  }

  end(): void {
    const isText = this.chunks.every((chunk) => typeof chunk === "string");
    this.inbound.result(isText ? this.chunks.join("") : this.chunks);
  }
}
