import type { Clock } from "../clock.ts";
import type { Emit } from "../contract/context.ts";
import { TokenBucket } from "../token-bucket.ts";

const PER_S = 20;

/** Tells events as they happen, and of a flood only some: 20 a second of each kind, with how many were left out. */
export class Announcer {
  private readonly clock: Clock;
  private readonly emit: Emit;
  private readonly kinds = new Map<string, { bucket: TokenBucket; untold: number }>();

  constructor(clock: Clock, emit: Emit) {
    this.clock = clock;
    this.emit = emit;
  }

  tell(kind: string, fields: Readonly<Record<string, unknown>>): void {
    let known = this.kinds.get(kind);
    if (!known) {
      known = { bucket: new TokenBucket(this.clock, PER_S, PER_S / 1_000), untold: 0 };
      this.kinds.set(kind, known);
    }
    if (!known.bucket.take()) {
      known.untold++;
      return;
    }
    this.emit(kind, known.untold > 0 ? { ...fields, untold: known.untold } : fields);
    known.untold = 0;
  }
}
