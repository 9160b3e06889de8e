import { Timed } from "../deadlines.ts";
import { type Frame, Kind } from "../protocol/frame.ts";
import type { Calls } from "./calls.ts";
import type { ReplySubject } from "./reply-subjects.ts";
import { signerOf } from "./signer.ts";

/** Stands in for a call whose caller gave up before it knew the replica; cancels as soon as one speaks up. */
export class CancelNotice extends Timed {
  readonly number: number;
  readonly reply: ReplySubject;
  isAnswered = false;
  private readonly calls: Calls;

  constructor(calls: Calls, number: number, reply: ReplySubject) {
    super();
    this.calls = calls;
    this.number = number;
    this.reply = reply;
  }

  receiveFrame(frame: Frame): void {
    const isOver = frame.kind === Kind.result || frame.kind === Kind.error || frame.kind === Kind.end;
    this.isAnswered = isOver;
    const replica = signerOf(frame);
    if (!isOver && replica !== undefined) this.calls.tell(replica, Kind.cancel, this, 0);
    this.calls.finish(this);
  }

  receivePlain(): void {
    this.calls.finish(this);
  }

  override onDue(): void {
    this.calls.finish(this);
  }

  spoil(): void {
    this.calls.finish(this);
  }

  hangUp(): void {}

  reconnected(): void {}
}
