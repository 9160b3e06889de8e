import { Timed } from "../deadlines.ts";
import { type Frame, Kind } from "../protocol/frame.ts";
import type { Message } from "../transport/transport.ts";
import type { Calls } from "./calls.ts";
import type { ReplySubject } from "./reply-subjects.ts";

/** What a replica says of itself: that it lives, and whether it still holds the call that it was asked about. */
export type ProbeAnswer = (isAlive: boolean, isHeld: boolean) => void;

/** A question to one replica. */
export class Probe extends Timed {
  number = 0;
  reply: ReplySubject | undefined = undefined;
  isAnswered = false;
  private readonly calls: Calls;
  private readonly answer: ProbeAnswer;

  constructor(calls: Calls, answer: ProbeAnswer) {
    super();
    this.calls = calls;
    this.answer = answer;
  }

  receiveFrame(frame: Frame): void {
    if (frame.kind !== Kind.pong) return;
    this.isAnswered = true;
    this.calls.finish(this);
    this.answer(true, frame.multi);
  }

  receivePlain(message: Message): void {
    if (!message.noResponders) return;
    this.isAnswered = true;
    this.calls.finish(this);
    this.answer(false, false);
  }

  override onDue(): void {}

  spoil(): void {
    this.calls.finish(this);
  }

  hangUp(): void {
    this.calls.finish(this);
  }

  reconnected(): void {}
}
