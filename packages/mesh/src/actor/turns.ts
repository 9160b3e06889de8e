import type { Line, Queueable } from "./line.ts";

/** Lines of one priority in the order of their turns. */
export class Turns<T extends Queueable> {
  /** Turns that this priority has before others have had theirs. */
  readonly weight: number;
  /** Those of them that are left in this round. */
  credit: number;
  first: Line<T> | undefined;
  last: Line<T> | undefined;

  constructor(weight: number) {
    this.weight = weight;
    this.credit = weight;
  }

  join(line: Line<T>): void {
    line.before = this.last;
    line.after = undefined;
    if (this.last) this.last.after = line;
    else this.first = line;
    this.last = line;
  }

  leave(line: Line<T>): void {
    if (line.before) line.before.after = line.after;
    else this.first = line.after;
    if (line.after) line.after.before = line.before;
    else this.last = line.before;
    line.before = undefined;
    line.after = undefined;
  }

  *[Symbol.iterator](): Generator<Line<T>> {
    for (let line = this.first; line; line = line.after) yield line;
  }
}
