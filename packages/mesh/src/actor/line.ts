import type { Priority } from "../protocol/priority.ts";

/** Links of a mailbox, kept in the item itself so that nothing is allocated for it. Owned by the mailbox. */
export interface Queueable {
  ahead: this | undefined;
  behind: this | undefined;
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
export class Line<T extends Queueable> {
  readonly owner: LineOwner;
  /** 0 for the highest priority. */
  readonly level: number;
  size = 0;
  first: T | undefined;
  last: T | undefined;
  /** Lines of one priority take turns: the one that is served before this one, and the one after. */
  before: Line<T> | undefined;
  after: Line<T> | undefined;
  /** Of all turns of the mailbox since somebody waits here, those that this line has had. */
  taken = 0;
  /** The mailbox's turns when that began. */
  since = 0;

  constructor(owner: LineOwner, level: number) {
    this.owner = owner;
    this.level = level;
  }

  append(item: T): void {
    item.line = this;
    item.ahead = this.last;
    item.behind = undefined;
    if (this.last) this.last.behind = item;
    else this.first = item;
    this.last = item;
    this.size++;
  }

  remove(item: T): void {
    if (item.ahead) item.ahead.behind = item.behind;
    else this.first = item.behind;
    if (item.behind) item.behind.ahead = item.ahead;
    else this.last = item.ahead;
    item.line = undefined;
    item.ahead = undefined;
    item.behind = undefined;
    this.size--;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let item = this.first; item; item = item.behind) yield item;
  }
}
