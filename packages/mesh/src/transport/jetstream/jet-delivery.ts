import type { Msg, MsgHdrs } from "nats";
import { nanos } from "nats";
import type { Delivery } from "../store.ts";
import type { Transport } from "../transport.ts";

/** What is to wait longer is put off again. */
const LONGEST_DELAY_MS = 86_400_000;
const ACK = Buffer.from("+ACK");
const WORKING = Buffer.from("+WPI");
/** `$JS.ACK.[domain.account.]stream.consumer.deliveries.stream sequence.consumer sequence.time.pending[.token]` */
const FEW_TOKENS = 9;

/** A message of a consumer. */
export class JetDelivery implements Delivery {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly deliveries: number;
  readonly sequence: number;
  readonly queuedAt: number;
  private readonly headers: MsgHdrs | undefined;
  private byName: ReadonlyMap<string, string> | undefined;
  private readonly reply: string;
  private readonly transport: Transport;

  private constructor(message: Msg, reply: string, tokens: readonly string[], transport: Transport) {
    // With a domain two more come first.
    const at = tokens.length > FEW_TOKENS ? 6 : 4;
    this.subject = message.subject;
    this.payload = message.data;
    this.headers = message.headers;
    this.reply = reply;
    this.transport = transport;
    this.deliveries = Number(tokens[at]);
    this.sequence = Number(tokens[at + 1]);
    this.queuedAt = Number(tokens[at + 3]) / 1e6;
  }

  /** Undefined for what is no message of a consumer. */
  static of(message: Msg, transport: Transport): JetDelivery | undefined {
    const { reply = "" } = message;
    const tokens = reply.split(".");
    if (!reply.startsWith("$JS.ACK.") || tokens.length < FEW_TOKENS) return undefined;
    return new JetDelivery(message, reply, tokens, transport);
  }

  header(name: string): string | undefined {
    if (!this.headers) return undefined;
    this.byName ??= new Map([...this.headers].map(([key, [value = ""]]) => [key.toLowerCase(), value]));
    return this.byName.get(name.toLowerCase());
  }

  ack(): void {
    this.say(ACK);
  }

  retry(afterMs: number): void {
    const delayMs = Math.min(LONGEST_DELAY_MS, Math.max(0, Math.round(afterMs)));
    this.say(Buffer.from(`-NAK ${JSON.stringify({ delay: nanos(delayMs) })}`));
  }

  working(): void {
    this.say(WORKING);
  }

  /** What is not heard comes again. */
  private say(word: Uint8Array): void {
    try {
      this.transport.publish(this.reply, word);
    } catch {
      // The connection is gone for good, or has too much to say.
    }
  }
}
