import type { Cancellable, ChunkSink, Inbound, Parcel, Work } from "../actor/inbound.ts";
import { toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import { failureOf } from "../protocol/failure.ts";
import { Header, REQUEST_HEADERS } from "../protocol/headers.ts";
import { type ReplyMetadata, headersOf } from "../protocol/metadata.ts";
import { type PlainShape, decodePlain, encodePlain } from "../protocol/plain.ts";
import { type Priority, priorityOf } from "../protocol/priority.ts";
import { newRequestId, requestIdText } from "../protocol/request-id.ts";
import { type Trace, derivedTrace, parseTraceparent } from "../protocol/trace.ts";
import type { Message, Transport } from "../transport/transport.ts";
import type { Arrival } from "./lanes/parcel.ts";
import type { Desk } from "../transport/desk.ts";
import { GatheringSink, type PlainDestination, PlainSink, resultTooLarge } from "./plain-sinks.ts";
import type { ReplyLine } from "./reply-line.ts";

/** A request that somebody typed, and the one plain reply that it gets. */
export class PlainInbound implements Inbound, PlainDestination {
  readonly remainingMs: number;
  readonly attempt = 1;
  readonly chain: readonly string[];
  readonly idempotencyKey: string | undefined;
  private readonly given: Trace | undefined;
  private readonly isTraced: boolean;
  readonly retries: number | undefined;
  readonly tokens: number | undefined;
  readonly undegraded: boolean;
  readonly priority: Priority;
  readonly session: string | undefined;
  readonly from = 0;
  private readonly message: Message;
  readonly transport: Transport;
  readonly desk: Desk;
  readonly target: string;
  private readonly wantsStream: boolean;
  waitedMs = 0;
  moves = 0;
  isOwed = false;
  private requestId: string | undefined;
  private readonly method: string | undefined;
  private stream: PlainSink | undefined;

  /**
   * @param method undefined for the default one
   * @param target what is asked for, in messages
   * @param timeoutMs the deadline when no header sets one
   * @throws MeshError `bad_request` when a header is malformed
   */
  constructor(
    message: Message,
    { transport, desk }: ReplyLine,
    method: string | undefined,
    target: string,
    timeoutMs: number,
  ) {
    this.message = message;
    this.method = method;
    this.transport = transport;
    this.desk = desk;
    this.target = target;
    const header = (name: string): string | undefined =>
      message.hasHeaders ? message.header(name) : undefined;
    const timeout = header(Header.timeout);
    this.remainingMs =
      timeout === undefined
        ? timeoutMs
        : toMs(/^\d+$/.test(timeout) ? Number(timeout) : timeout, Header.timeout);
    this.chain = header(Header.chain)?.split(",") ?? [];
    this.idempotencyKey = header(Header.idempotencyKey);
    const retries = header(Header.retries);
    this.retries = retries === undefined ? undefined : countOf(retries, Header.retries);
    const tokens = header(Header.tokens);
    this.tokens = tokens === undefined ? undefined : countOf(tokens, Header.tokens);
    this.undegraded = header(Header.degraded)?.toLowerCase() === "never";
    const priority = header(Header.priority);
    this.priority =
      priority === undefined ? "normal" : priorityOf(priority.trim().toLowerCase(), Header.priority);
    this.session = header(Header.session)?.trim();
    this.wantsStream = isYes(header(Header.stream));
    this.isTraced = isYes(header(Header.trace));
    const traceparent = header(Header.traceparent);
    this.given =
      traceparent === undefined ? undefined : parseTraceparent(traceparent, header(Header.tracestate));
  }

  /** Answers a plain request with an error: headers as micro services have them, and a JSON body. */
  static refuse({ reply }: Message, transport: Transport, error: MeshError, id?: string): void {
    if (!reply) return;
    const headers = {
      [Header.error]: error.message.slice(0, 1_024),
      [Header.errorCode]: String(error.status),
      ...(id === undefined ? {} : { [Header.request]: id }),
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

  get trace(): Trace | undefined {
    if (!this.isTraced) return this.given;
    return { ...(this.given ?? derivedTrace(this.id)), sampled: true };
  }

  get id(): string {
    return (this.requestId ??= requestIdText(newRequestId()));
  }

  /** It has been elsewhere before. */
  arrived({ waitedMs, id, moves, isOwed }: Arrival): void {
    this.waitedMs = waitedMs;
    this.isOwed = isOwed;
    this.requestId = id;
    this.moves = moves;
  }

  mayMove(): boolean {
    return true;
  }

  parcel(remainingMs: number): Parcel {
    const { id, moves } = this;
    const headers = { ...this.headers(), [Header.timeout]: String(Math.ceil(remainingMs)) };
    const { reply, payload } = this.message;
    return { method: this.method, reply, payload, headers, id, moves: moves + 1 };
  }

  moved(): void {}

  private headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const name of REQUEST_HEADERS) {
      const value = this.message.hasHeaders ? this.message.header(name) : undefined;
      if (value !== undefined) headers[name] = value;
    }
    return headers;
  }

  get sender(): string {
    return inboxOwner(this.message.reply);
  }

  get size(): number {
    let size = this.message.payload.length;
    if (this.message.hasHeaders) for (const value of Object.values(this.headers())) size += value.length;
    return size;
  }

  input(shape: () => PlainShape): unknown {
    return decodePlain(this.message.payload, shape());
  }

  /** A plain caller gets one reply, and this is not it. */
  accepted(): void {}

  sendable(value: unknown): void {
    this.payloadOf(value);
  }

  private payloadOf(value: unknown): Uint8Array {
    const payload = encodePlain(value);
    const { maxPayload } = this.transport;
    if (payload.length > maxPayload) throw resultTooLarge(this.target, payload.length, maxPayload);
    return payload;
  }

  result(value: unknown, { metadata }: Work): undefined {
    const payload = this.payloadOf(value);
    if (!this.wantsStream) return this.respondLast(payload, metadata);
    // Whoever asked for a stream waits for its end.
    if (payload.length > 0) this.respond(payload);
    this.respondLast(new Uint8Array(0), metadata);
  }

  openStream(work: Cancellable): ChunkSink {
    if (!this.wantsStream) return new GatheringSink(this);
    return (this.stream = new PlainSink(this, work));
  }

  error(error: MeshError): void {
    PlainInbound.refuse(this.message, this.transport, error, this.id);
    if (this.wantsStream) this.respond(new Uint8Array(0));
  }

  closed(): void {
    this.stream?.close();
  }

  /** With what goes with the answer, where there is something that a person must know. */
  respondLast(payload: Uint8Array, metadata: ReplyMetadata | undefined): undefined {
    const { reply } = this.message;
    let headers = metadata && headersOf(metadata);
    if (this.isTraced) headers = { ...headers, [Header.request]: this.id };
    if (reply) this.transport.publish(reply, payload, headers && { headers });
  }

  respond(payload: Uint8Array, echo?: string): undefined {
    const { reply } = this.message;
    if (reply) this.transport.publish(reply, payload, echo === undefined ? undefined : { reply: echo });
  }
}

function isYes(text = ""): boolean {
  return /^(1|true|yes)$/i.test(text.trim());
}

/** The connection's part of a reply subject, where it has one: all but the last token of `_INBOX.CONNECTION.REQUEST`. */
function inboxOwner(reply: string): string {
  const last = reply.lastIndexOf(".");
  return last > reply.indexOf(".") ? reply.slice(0, last) : reply;
}

/** @throws MeshError `bad_request` */
function countOf(text: string, name: string): number {
  if (/^\d{1,9}$/.test(text.trim())) return Number(text);
  throw new MeshError("bad_request", `${name} is ${JSON.stringify(text)}; it must be a whole number.`);
}
