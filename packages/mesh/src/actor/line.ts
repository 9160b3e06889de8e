import { Chain, type Linked } from "./chain.ts";
import type { Priority } from "../protocol/priority.ts";

/** What may wait in a mailbox. */
export interface Queueable extends Linked {
  /** Where it waits; undefined when it does not. */
  line: Line<this> | undefined;
  /** What it takes of memory while it waits. */
  readonly bytes: number;
  /** By the clock: it does not wait for longer. */
  readonly expiresAt: number;
  readonly priority: Priority;
  /** Who sent it: those of one sender share its turns. */
  readonly sender: string;
}

/** Whose line it is, and how many of its requests wait in all of its lines. */
export interface LineOwner {
  count: number;
}

/** What waits of one sender and one priority: first come, first served. */
export class Line<T extends Queueable> extends Chain<T> implements Linked {
  readonly owner: LineOwner;
  /** 0 for the highest priority. */
  readonly level: number;
  size = 0;
  /** Lines of one priority take turns: the one that is served before this one, and the one after. */
  before: this | undefined;
  after: this | undefined;
  /** Of all turns of the mailbox since somebody waits here, those that this line has had. */
  taken = 0;
  /** The mailbox's turns when that began. */
  since = 0;

  constructor(owner: LineOwner, level: number) {
    super();
    this.owner = owner;
    this.level = level;
  }

  override join(item: T): void {
    item.line = this;
    super.join(item);
    this.size++;
  }

  override leave(item: T): void {
    item.line = undefined;
    super.leave(item);
    this.size--;
  }
}
