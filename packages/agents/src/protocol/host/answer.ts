import { MeshError, type Port, type ReplyAddress } from "@shoal/mesh";
import { ACK, encodeQuery, responsesOf } from "../chunk.ts";
import { encodeFailure } from "../failure.ts";
import { decodePrompt } from "../prompt.ts";

/**
 * The answer to one prompt, from the first message to the last (§6).
 *
 * OP1: its last message has no bytes and no headers; it comes once, whatever has happened, and nothing comes after it.
 * OP2: a prompt that is taken is acknowledged at once, and again for as long as its work takes.
 * OP3: an error is one message, just before the end, with one of the numbers that the protocol has.
 * OP4: when nobody listens any more, its work is told so: the protocol knows no cancel, but NATS knows who is subscribed.
 */

/** Responses between two waits for the server: a caller of the protocol grants no credit. */
const FLUSH_EVERY = 64;
const NOTHING = new Uint8Array(0);
/** The answer to a question is the caller's, and is as large as it is. */
const ANY = { maxPayload: Infinity, attachmentsOk: true };

export class Answer {
  private readonly port: Port;
  private readonly subject: string;
  private readonly keepAliveMs: number;
  private readonly onGone: () => void;
  private readonly questions = new Map<ReplyAddress, (error: MeshError) => void>();
  private echo: ReplyAddress | undefined;
  private stopTimer: (() => void) | undefined;
  private responses = 0;
  private serial = 0;
  private hasEnded = false;

  /**
   * @param subject where the caller listens
   * @param onGone told once when nobody listens there any more
   */
  constructor(port: Port, subject: string, keepAliveMs: number, onGone: () => void) {
    this.port = port;
    this.subject = subject;
    this.keepAliveMs = keepAliveMs;
    this.onGone = onGone;
  }

  /** OP2 */
  begin(): void {
    // OP4: what has a reply subject and reaches nobody is told so by NATS.
    this.echo = this.port.open(({ noResponders }) => {
      if (noResponders && !this.hasEnded) this.onGone();
    });
    this.acknowledge();
  }

  /** Resolves when more may be said. @throws MeshError `unavailable` when the connection is gone for too long */
  async respond(text: string): Promise<void> {
    for (const payload of responsesOf(text, this.port.maxPayload)) {
      if (this.hasEnded) return;
      const isProbe = ++this.responses % FLUSH_EVERY === 0;
      this.say(payload, isProbe ? this.echo?.subject : undefined);
      // While the connection is down, the transport's own limit ends the stream.
      if (isProbe) await this.port.flush().catch(() => {});
    }
  }

  /** §7: asks the caller. Rejects with `cancelled` when the answer ends before the caller has said something. */
  ask(prompt: string, signal?: AbortSignal): Promise<string> {
    if (this.hasEnded) return Promise.reject(withdrawn());
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const address = this.port.open(({ payload }) => {
      try {
        // Of several the first one counts.
        resolve(decodePrompt(payload, ANY).text);
      } catch (error) {
        reject(error);
      }
    });
    const withdraw = (): void => reject(withdrawn());
    this.questions.set(address, reject);
    signal?.addEventListener("abort", withdraw, { once: true });
    this.say(encodeQuery(String(++this.serial), address.subject, prompt));
    return promise.finally(() => {
      address.close();
      this.questions.delete(address);
      signal?.removeEventListener("abort", withdraw);
    });
  }

  /** OP1, OP3. Idempotent; never throws. */
  end(error?: MeshError): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.stopTimer?.();
    this.echo?.close();
    for (const reject of this.questions.values()) reject(withdrawn());
    try {
      if (error) {
        const { headers, payload } = encodeFailure(error);
        this.port.publish(this.subject, payload, { headers });
      }
    } catch {
      // Too long for one message, or nobody is connected: the end is tried in any case.
    }
    try {
      this.port.publish(this.subject, NOTHING);
    } catch {
      // The connection is closed: nobody can be told anything.
    }
  }

  private acknowledge(): void {
    this.say(ACK, this.echo?.subject);
    this.stopTimer = this.port.clock.after(this.keepAliveMs, () => {
      try {
        this.acknowledge();
      } catch {
        // The connection is closed: its calls end, and so does this.
      }
    });
  }

  private say(payload: Uint8Array, reply?: string): void {
    this.port.publish(this.subject, payload, reply === undefined ? {} : { reply });
  }
}

function withdrawn(): MeshError {
  return new MeshError("cancelled", "nobody waits for the answer to this question any more.");
}
