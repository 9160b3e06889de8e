import { Chain } from "./chain.ts";
import type { Line, Queueable } from "./line.ts";

/** Lines of one priority in the order of their turns. */
export class Turns<T extends Queueable> extends Chain<Line<T>> {
  /** Turns that this priority has before others have had theirs. */
  readonly weight: number;
  /** Those of them that are left in this round. */
  credit: number;

  constructor(weight: number) {
    super();
    this.weight = weight;
    this.credit = weight;
  }
}
