import { type MsgHdrs, type NatsConnection, headers as newHeaders } from "nats";
import { messageOf } from "../errors.ts";
import type { HeaderEntries } from "./message-headers.ts";
import { type Outgoing, Outbox, costOf } from "./outbox.ts";
import { isLine, pubLines } from "./pub-lines.ts";

/** Bytes that may be on their way to the server at once. */
const AHEAD_BYTES = 4 * 1_048_576;

export interface NatsSenderParts {
  connection: NatsConnection;
  isConnected: () => boolean;
  onFault: (detail: string) => void;
}

/**
 * What is on its way to the server: what is published in one turn of the event loop leaves in one write, and a flood in
 * portions. One that went out as fast as the socket takes it would get whoever receives it cut off as a slow consumer.
 */
export class NatsSender {
  private readonly parts: NatsSenderParts;
  private readonly writeLines: ((lines: Uint8Array) => void) | undefined;
  private readonly outbox = new Outbox();
  private isCorked = false;
  /** Bytes sent that the server is not known to have seen. */
  private ahead = 0;
  private isAsking = false;

  constructor(parts: NatsSenderParts) {
    this.parts = parts;
    this.writeLines = writerOf(parts.connection);
  }

  /** @throws MeshError `unavailable` while the connection is down, when too much waits already */
  add(message: Outgoing): void {
    const isConnected = this.parts.isConnected();
    // A burst in one turn is no reason to refuse anything, as long as there is a server to take it.
    this.outbox.add(message, !isConnected);
    if (!isConnected) return;
    if (this.outbox.isFull) this.sendSome();
    if (this.isCorked) return;
    this.isCorked = true;
    setImmediate(this.uncork);
  }

  /** T1, T5: sends all that waits, in order; while the connection is down it goes on waiting. */
  sendAll(): void {
    if (this.isReady) this.send(this.outbox.takeAll());
  }

  /** The same in portions: the next when the server has passed on the one before. */
  sendSome(): void {
    if (!this.isReady || this.ahead >= AHEAD_BYTES) return;
    this.send(this.outbox.take(AHEAD_BYTES - this.ahead));
    if (this.ahead >= AHEAD_BYTES / 2 && !this.isAsking) void this.askServer();
  }

  /** Forgets what waits. @returns how many messages that were */
  drop(): number {
    return this.outbox.takeAll().length;
  }

  private readonly uncork = (): void => {
    this.isCorked = false;
    this.sendSome();
  };

  /** Waits until the server has seen what it was sent. */
  private async askServer(): Promise<void> {
    const asked = this.ahead;
    this.isAsking = true;
    // It rejects when the connection breaks: then nothing is ahead of what waits.
    await this.parts.connection.flush().catch(() => {});
    this.isAsking = false;
    this.ahead = Math.max(0, this.ahead - asked);
    this.sendSome();
  }

  private get isReady(): boolean {
    return this.parts.isConnected() && !this.parts.connection.isClosed();
  }

  private send(messages: readonly Outgoing[]): void {
    for (const message of messages) this.ahead += costOf(message);
    if (messages.length > 0 && this.writeLines && messages.every(isLine)) this.writeLines(pubLines(messages));
    else this.publish(messages);
  }

  private publish(messages: readonly Outgoing[]): void {
    const { connection, onFault } = this.parts;
    for (const { subject, payload, reply, headers } of messages) {
      try {
        connection.publish(subject, payload, {
          ...(reply ? { reply } : {}),
          ...(headers ? { headers: natsHeaders(headers) } : {}),
        });
      } catch (error) {
        onFault(`publish to ${subject}: ${messageOf(error)}`);
      }
    }
  }
}

function natsHeaders(entries: HeaderEntries): MsgHdrs {
  const headers = newHeaders();
  for (const [name, value] of entries) headers.set(name, value);
  return headers;
}

/** What the library writes its commands with. Not a part of its interface: without it each message is published alone. */
interface Internals {
  readonly protocol?: { sendCommand?: unknown };
}

function writerOf(connection: NatsConnection): ((lines: Uint8Array) => void) | undefined {
  const { protocol } = connection as unknown as Internals;
  if (typeof protocol?.sendCommand !== "function") return undefined;
  const { sendCommand } = protocol;
  return (lines) => void Reflect.apply(sendCommand, protocol, [lines]);
}
