import { type Frame, Kind } from "../protocol/frame.ts";
import type { Message } from "../transport/transport.ts";
import type { Calls } from "./calls.ts";
import type { ReplySubject } from "./reply-subjects.ts";
import { Timed } from "../deadlines.ts";

/** @param pong undefined when nobody is there: the replica is dead, or not connected yet */
export type ProbeAnswer = (pong: Frame | undefined) => void;

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
    if (frame.kind === Kind.pong) this.end(frame);
  }

  receivePlain(message: Message): void {
    if (message.noResponders) this.end(undefined);
  }

  override onDue(): void {}

  spoil(): void {
    this.calls.finish(this);
  }

  hangUp(): void {
    this.calls.finish(this);
  }

  reconnected(): void {}

  private end(pong: Frame | undefined): void {
    this.isAnswered = true;
    this.calls.finish(this);
    this.answer(pong);
  }
}
