import type { Cancellable, ChunkSink } from "../actor/inbound.ts";
import { MeshError } from "../errors.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import { encodePlain } from "../protocol/plain.ts";
import type { Transport } from "../transport/transport.ts";
import type { Desk } from "../transport/desk.ts";

/** Chunks between two waits for the server: a plain caller grants no credit. */
const FLUSH_EVERY = 64;
const COMMA = Buffer.from(",");

/** Where the chunks of one plain stream go. */
export interface PlainDestination {
  readonly transport: Transport;
  readonly desk: Desk;
  /** `agent.method`, for messages. */
  readonly target: string;
  /** @param echo a reply subject that tells whether anybody listens */
  respond(payload: Uint8Array, echo?: string): void;
  respondLast(payload: Uint8Array, metadata: ReplyMetadata | undefined): void;
}

/** Chunks as they come, then a message of zero bytes. A chunk that is itself empty is left out. */
export class PlainSink implements ChunkSink {
  private readonly to: PlainDestination;
  private readonly work: Cancellable;
  private sent = 0;
  private echo: string | undefined;

  constructor(to: PlainDestination, work: Cancellable) {
    this.to = to;
    this.work = work;
  }

  ready(): Promise<void> | undefined {
    if (++this.sent % FLUSH_EVERY !== 0) return undefined;
    // What has this reply subject and reaches nobody is told so by NATS. Who does get it sees nothing of it but the subject.
    this.echo ??= this.to.desk.open(({ noResponders }) => {
      if (noResponders)
        this.work.cancel(new MeshError("cancelled", "nobody listens to the stream any more."));
    });
    // While the connection is down, the transport's own limit ends the stream.
    return this.to.transport.flush().catch(() => {});
  }

  send(chunk: unknown): void {
    const payload = encodePlain(chunk);
    const { transport, target } = this.to;
    if (payload.length > transport.maxPayload)
      throw chunkTooLarge(target, payload.length, transport.maxPayload);
    if (payload.length === 0) return;
    this.to.respond(payload, this.sent % FLUSH_EVERY === 0 ? this.echo : undefined);
  }

  end(metadata: ReplyMetadata | undefined): void {
    this.to.respondLast(new Uint8Array(0), metadata);
  }

  close(): void {
    if (this.echo !== undefined) this.to.desk.close(this.echo);
  }
}

/** The whole stream as one reply: text joined, anything else as a JSON array. */
export class GatheringSink implements ChunkSink {
  private readonly to: PlainDestination;
  /** Text as it is, anything else as the JSON that it was when it was sent: a generator may change it afterwards. */
  private readonly chunks: (string | Uint8Array)[] = [];
  private bytes = 0;

  constructor(to: PlainDestination) {
    this.to = to;
  }

  ready(): undefined {}

  send(chunk: unknown): void {
    const { transport, target } = this.to;
    const kept = typeof chunk === "string" ? chunk : jsonInArray(chunk);
    // And a comma: chunks of nothing must not go on for ever.
    this.bytes += (typeof kept === "string" ? Buffer.byteLength(kept) : kept.length) + 1;
    if (this.bytes > transport.maxPayload) throw streamTooLarge(target, this.bytes, transport.maxPayload);
    this.chunks.push(kept);
  }

  end(metadata: ReplyMetadata | undefined): void {
    const { transport, target } = this.to;
    const isText = this.chunks.every((chunk) => typeof chunk === "string");
    const payload = isText ? Buffer.from(this.chunks.join("")) : arrayOf(this.chunks);
    if (payload.length > transport.maxPayload)
      throw streamTooLarge(target, payload.length, transport.maxPayload);
    this.to.respondLast(payload, metadata);
  }
}

/** The JSON of a value as it is inside an array, where nothing at all is `null` and bytes are base64. */
function jsonInArray(value: unknown): Uint8Array {
  return encodePlain([value]).subarray(1, -1);
}

function arrayOf(chunks: readonly (string | Uint8Array)[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const chunk of chunks)
    pieces.push(
      pieces.length > 0 ? COMMA : Buffer.from("["),
      typeof chunk === "string" ? jsonInArray(chunk) : chunk,
    );
  pieces.push(Buffer.from("]"));
  return Buffer.concat(pieces);
}

export function resultTooLarge(target: string, bytes: number, limit: number): MeshError {
  return new MeshError(
    "too_large",
    `the result of ${target} takes ${bytes} bytes and max_payload is ${limit}: ask with a Shoal client, which takes it in parts.`,
  );
}

function streamTooLarge(target: string, bytes: number, limit: number): MeshError {
  return new MeshError(
    "too_large",
    `the stream of ${target} takes ${bytes} bytes or more as one reply and max_payload is ${limit}: ` +
      "ask with a Shoal client, or with the header `Shoal-Stream: true`, and it comes in chunks.",
  );
}

function chunkTooLarge(target: string, bytes: number, limit: number): MeshError {
  return new MeshError(
    "too_large",
    `a chunk of ${target} takes ${bytes} bytes and max_payload is ${limit}: the agent must give smaller ones.`,
  );
}
