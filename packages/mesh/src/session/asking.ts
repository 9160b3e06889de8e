import type { Clock } from "../clock.ts";
import type { SessionSeeker } from "./keeper.ts";
import type { Message, Transport } from "../transport/transport.ts";
import type { Desk } from "../transport/desk.ts";
import { type Said, packWord, saidIn } from "./word.ts";

/** How often it is asked again: the other may have lost the question, or may say nothing at all. */
export const ASK_AGAIN_MS = 1_000;
/** Questions without an answer after which the other is taken for lost. */
const MOST_UNANSWERED = 3;

export interface AskingParts {
  readonly transport: Transport;
  readonly desk: Desk;
  readonly clock: Clock;
}

/** How it ended: what the other has said at last; `gone`: its process is; `silent`; or nobody wants it any more. */
export type Answer = Exclude<Said, "wait"> | "gone" | "silent" | "abandoned";

/** Asks the replica that has a session for it, until it is had. */
export class Asking {
  private readonly parts: AskingParts;
  private readonly subject: string;
  private readonly want: Uint8Array;
  private readonly seeker: SessionSeeker;
  private readonly reply: string;
  private readonly done: (answer: Answer) => void;
  private unanswered = 0;
  private stopAsking: (() => void) | undefined;
  private isOver = false;

  private constructor(
    parts: AskingParts,
    subject: string,
    want: { id: string; from: string },
    seeker: SessionSeeker,
    done: (answer: Answer) => void,
  ) {
    this.parts = parts;
    this.subject = subject;
    this.want = packWord({ ...want, mayWait: seeker.mayWait });
    this.seeker = seeker;
    this.done = done;
    this.reply = parts.desk.open((message) => this.hear(message));
    this.ask();
  }

  /** Never rejects. @param subject where the replica that has it hears */
  static until(
    parts: AskingParts,
    subject: string,
    want: { id: string; from: string },
    seeker: SessionSeeker,
  ): Promise<Answer> {
    return new Promise((resolve) => new Asking(parts, subject, want, seeker, resolve));
  }

  private hear({ payload, noResponders }: Message): void {
    if (noResponders) return this.end("gone");
    const said = saidIn(payload);
    if (said === undefined) return;
    if (said === "wait") this.unanswered = 0;
    else this.end(said);
  }

  private readonly ask = (): void => {
    if (!this.seeker.isWanted) return this.end("abandoned");
    if (this.unanswered++ === MOST_UNANSWERED) return this.end("silent");
    try {
      this.parts.transport.publish(this.subject, this.want, { reply: this.reply });
    } catch {
      // The connection is closed, or too much waits: it is asked again.
    }
    this.stopAsking = this.parts.clock.after(ASK_AGAIN_MS, this.ask);
  };

  private end(answer: Answer): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stopAsking?.();
    this.parts.desk.close(this.reply);
    this.done(answer);
  }
}
