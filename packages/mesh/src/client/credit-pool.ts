import { DEFAULT_WINDOW } from "../protocol/credit.ts";

/**
 * What one client lets all replicas together send it. A server cuts a connection off when too much waits for it
 * (`max_pending`, 64 MiB by default), and with the connection go the answers of every call: so calls share one budget.
 *
 * W1: credit that is granted and not used is at most the budget, and what each call is owed in any case (W2).
 * W2: no call waits for others before it has 8 units: each goes on, however many there are.
 */

/** Units that all open calls share: about 16 MiB. */
const BUDGET = 4_096;
/** Units that each call is owed: 32 KiB, or one chunk, of whatever size. */
const FLOOR = 8;

/** An open call, as far as its credit goes. */
export interface Borrower {
  /** The largest window that it has a use for. */
  readonly wanted: number;
  /** Units granted, and not used yet; below 0 when its last chunk overdrew them. */
  credit: number;
  /** Units that have arrived and are not consumed. */
  readonly unread: number;
  /** It is known which replica holds it: until then nobody hears of a grant. */
  readonly isHeld: boolean;
  /** It is open; owned by the pool. */
  isBorrowing: boolean;
  /** Tells the replica. */
  grant(units: number): void;
}

export class CreditPool {
  private free = BUDGET;
  /** Calls that are open. */
  private open = 0;
  private readonly waiting = new Set<Borrower>();

  /** Units granted and not used. */
  get lent(): number {
    return BUDGET - this.free;
  }

  /** The window of a call that begins: what it wants, unless many others are open. */
  lend(call: Borrower): number {
    const { wanted } = call;
    if (!call.isBorrowing) this.open++;
    call.isBorrowing = true;
    // Nonsense is refused where it is encoded.
    if (!(wanted >= 1)) return wanted;
    const window = Math.min(wanted, Math.max(FLOOR, Math.min(this.free, this.share)));
    // W1. Sizes come from a short list, so that the request's extension can too.
    const units =
      window === wanted || wanted !== DEFAULT_WINDOW ? window : 2 ** Math.floor(Math.log2(window));
    this.take(call, units);
    return units;
  }

  /** Something of a call has arrived. */
  used(call: Borrower, units: number): void {
    this.take(call, -units);
    this.serve();
  }

  /** Grants a call what it may have now; when that is nothing, its turn comes when others have used theirs. */
  renew(call: Borrower): void {
    // What nobody hears of would be missed later: the next replica has what the request brings it.
    if (!call.isHeld) return;
    const window = Math.min(call.wanted, this.share);
    const held = call.credit + call.unread;
    const lacking = window - held;
    if (lacking < Math.max(1, window >> 1)) return;
    const floor = Math.min(FLOOR, window);
    // W1, W2
    const units = Math.min(lacking, Math.max(this.free, floor - held));
    if (units < Math.max(1, floor >> 1)) return void this.waiting.add(call);
    this.waiting.delete(call);
    this.take(call, units);
    call.grant(units);
  }

  /** The call has ended, or begins anew. */
  settle(call: Borrower): void {
    if (!call.isBorrowing) return;
    call.isBorrowing = false;
    this.open--;
    this.waiting.delete(call);
    this.take(call, -call.credit);
    this.serve();
  }

  private get share(): number {
    return Math.max(FLOOR, Math.floor(BUDGET / this.open));
  }

  private take(call: Borrower, units: number): void {
    call.credit += units;
    this.free -= units;
  }

  private serve(): void {
    for (const call of this.waiting) {
      if (this.free < FLOOR) return;
      this.waiting.delete(call);
      this.renew(call);
    }
  }
}
