/**
 * How often one request may be asked of one target, the first time aside. A stream that is taken up again goes on with
 * what it has left.
 */
export class Allowance {
  private readonly ofPolicy: number;
  private readonly ofCaller: number;
  private used = 0;
  private hasHandedDown = false;

  /**
   * @param ofPolicy further attempts
   * @param ofCaller those that the caller allows; undefined: as many as the policy says
   */
  constructor(ofPolicy: number, ofCaller: number | undefined) {
    this.ofPolicy = ofPolicy;
    this.ofCaller = ofCaller ?? Infinity;
  }

  /** False when there may be no further attempt. @param attempts that have failed */
  spend(attempts: number): boolean {
    this.used += attempts;
    return this.used <= Math.min(this.ofPolicy, this.ofCaller);
  }

  /** False when there may be no attempt beside the one that runs. A policy's retries are another thing, a caller's are not. */
  spendOnHedge(): boolean {
    if (this.used >= this.ofCaller) return false;
    this.used++;
    return true;
  }

  /**
   * Further attempts that whoever is asked may make: the first time, and not each time. One that makes none itself leaves
   * them to others. Undefined: as many as they like.
   */
  handDown(): number | undefined {
    if (this.hasHandedDown) return 0;
    this.hasHandedDown = true;
    const most = this.ofPolicy > 0 ? Math.min(this.ofPolicy, this.ofCaller) : this.ofCaller;
    return Number.isFinite(most) ? Math.max(0, most - this.used) : undefined;
  }
}
