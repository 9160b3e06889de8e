import { MeshError, type Port, type PortMessage, type ReplyAddress } from "@shoal/mesh";
import { type Chunk, decodeChunk } from "../chunk.ts";
import { decodeFailure } from "../failure.ts";
import { type Prompt, encodePrompt } from "../prompt.ts";
import { CODE_HEADER, TEXT_HEADER } from "../terms.ts";
import type { Instance } from "./instance.ts";

/**
 * One prompt to an agent somewhere, and its answer.
 *
 * OP9: nothing is sent that the agent says it does not take (§5.4).
 * OP10: responses are given in order, and what is not known is left out (§6.6).
 * OP11: it ends: with the agent's own end, with an error that has one of our codes, or after so long a silence.
 */

/** Of an answer that comes faster than it is read: the protocol has no way to slow an agent down. */
const MOST_WAITING_BYTES = 16 * 1_048_576;

export interface ExchangeParts {
  readonly port: Port;
  readonly instance: Instance;
  readonly prompt: Pick<Prompt, "text" | "attachments">;
  /** Milliseconds without a message after which it is given up; the time of an open question does not count. */
  readonly silenceMs: number;
  /** Ends it: the agent is not told, since the protocol knows no cancel. */
  readonly signal: AbortSignal;
  /** Answers what the agent asks; the signal fires when the exchange is over. */
  readonly ask: (prompt: string, over: AbortSignal) => Promise<string>;
}

export class Exchange {
  private readonly parts: ExchangeParts;
  private readonly arrived: PortMessage[] = [];
  private waitingBytes = 0;
  private openQuestions = 0;
  private readonly over = new AbortController();
  /** Nobody was there to hear the prompt. */
  isUnheard = false;
  private failure: MeshError | undefined;
  private wake: (() => void) | undefined;
  private stopTimer: (() => void) | undefined;

  constructor(parts: ExchangeParts) {
    this.parts = parts;
  }

  /**
   * The texts of the answer. The prompt is sent when the first one is asked for.
   * @throws MeshError `unavailable` when nobody is there, and nothing was begun; `too_large`; `bad_request`; `timeout`
   *   after a silence; whatever the agent fails with
   */
  async *texts(): AsyncGenerator<string> {
    const { port, signal, instance } = this.parts;
    const payload = this.checked();
    const address = port.open((message) => this.receive(message));
    const abort = (): void => this.fail(cancelled(signal));
    signal.addEventListener("abort", abort);
    try {
      if (signal.aborted) throw cancelled(signal);
      port.publish(instance.subject, payload, { reply: address.subject });
      this.listen();
      for (;;) {
        const message = await this.next();
        this.isUnheard = message.noResponders;
        const chunk = chunkIn(message, instance);
        // OP11
        if (chunk === "end") return;
        if (chunk?.type === "response" && chunk.text !== "") yield chunk.text;
        if (chunk?.type === "query") this.answer(chunk);
      }
    } finally {
      signal.removeEventListener("abort", abort);
      this.close(address);
    }
  }

  /** OP9 */
  private checked(): Uint8Array {
    const { port, instance, prompt } = this.parts;
    const who = `the agent ${instance.agent}.${instance.owner}.${instance.name}`;
    if (prompt.attachments.length > 0 && !instance.attachmentsOk)
      throw new MeshError("bad_request", `${who} takes no attachments: send the prompt alone.`);
    const payload = encodePrompt(prompt);
    const limit = Math.min(instance.maxPayload ?? Infinity, port.maxPayload);
    if (payload.length <= limit) return payload;
    throw new MeshError(
      "too_large",
      `the prompt takes ${payload.length} bytes and ${who} takes at most ${limit}: send less.`,
      { hasBegun: false },
    );
  }

  private receive(message: PortMessage): void {
    this.waitingBytes += message.payload.length;
    if (this.waitingBytes > MOST_WAITING_BYTES) {
      const limit = `${MOST_WAITING_BYTES / 1_048_576} MiB`;
      return this.fail(
        new MeshError("overloaded", `the answer comes faster than it is read: more than ${limit} wait.`, {
          hasBegun: true,
          retryable: false,
        }),
      );
    }
    this.arrived.push(message);
    this.listen();
    this.wake?.();
  }

  private async next(): Promise<PortMessage> {
    for (;;) {
      const message = this.arrived.shift();
      if (message) {
        this.waitingBytes -= message.payload.length;
        return message;
      }
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** OP11: from now on silence counts anew, unless the agent waits for us. */
  private listen(): void {
    const { port, silenceMs } = this.parts;
    this.stopTimer?.();
    if (this.openQuestions > 0) return;
    this.stopTimer = port.clock.after(silenceMs, () => this.fail(silent(silenceMs)));
  }

  /** §7: exactly one reply, if there is one. */
  private answer({ replySubject, prompt }: Extract<Chunk, { type: "query" }>): void {
    this.openQuestions++;
    this.listen();
    void this.reply(replySubject, prompt).then(
      () => {
        this.openQuestions--;
        if (!this.failure) this.listen();
      },
      (error: unknown) => {
        this.fail(error instanceof MeshError ? error : failedQuestion(error));
      },
    );
  }

  private async reply(replySubject: string, prompt: string): Promise<void> {
    const text = await this.parts.ask(prompt, this.over.signal);
    if (!this.failure) this.parts.port.publish(replySubject, encodePrompt({ text, attachments: [] }));
  }

  private fail(error: MeshError): void {
    this.failure ??= error;
    this.stopTimer?.();
    // What came before the failure is not waited for.
    this.arrived.length = 0;
    this.wake?.();
  }

  private close(address: ReplyAddress): void {
    address.close();
    this.fail(new MeshError("cancelled", "the answer is not read any more."));
    this.over.abort(this.failure);
  }
}

function chunkIn(message: PortMessage, { subject }: Instance): Chunk | "end" | undefined {
  const { payload, hasHeaders } = message;
  if (message.noResponders) {
    throw new MeshError("unavailable", `nobody listens to ${subject}: the agent has gone.`);
  }
  const number = hasHeaders ? message.header(CODE_HEADER) : undefined;
  if (number !== undefined) throw decodeFailure(number, message.header(TEXT_HEADER), payload);
  if (payload.length > 0) return decodeChunk(payload);
  // §6.5: without headers it is the end.
  return hasHeaders ? undefined : "end";
}

function silent(ms: number): MeshError {
  return new MeshError("timeout", `the agent has said nothing for ${ms / 1_000} s: its answer was given up.`);
}

function cancelled(signal: AbortSignal): MeshError {
  if (signal.reason instanceof MeshError) return signal.reason;
  return new MeshError("cancelled", "nobody waits for the answer any more.", { cause: signal.reason });
}

function failedQuestion(thrown: unknown): MeshError {
  return new MeshError("internal", "what the agent asked was not answered.", { cause: thrown });
}
