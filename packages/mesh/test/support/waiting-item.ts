import type { Line, Queueable } from "../../src/actor/line.ts";
import type { Priority } from "../../src/protocol/priority.ts";

/** Something that waits in a mailbox. */
export class WaitingItem implements Queueable {
  before: this | undefined = undefined;
  after: this | undefined = undefined;
  line: Line<this> | undefined = undefined;
  readonly name: string;
  readonly sender: string;
  readonly priority: Priority;
  readonly bytes: number;
  readonly expiresAt = Infinity;

  constructor(name: string, { sender = "a", priority = "normal", bytes = 0 }: Partial<WaitingItem> = {}) {
    this.name = name;
    this.sender = sender;
    this.priority = priority;
    this.bytes = bytes;
  }
}
