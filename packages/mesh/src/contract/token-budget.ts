/**
 * The tokens of language models that a request may use, with all that it leads to.
 *
 * LM11: what an answer has used counts against the request that it was for, and so on up to the first; and what is left is
 *       the most that a further call may use. Calls that are under way at once each have what was left when they began.
 */
export class TokenBudget {
  private readonly most: number;
  private readonly onSpent: (spent: number) => void;
  private used = 0;

  /**
   * @param most Infinity for as many as one likes
   * @param onSpent told how many have been used so far
   */
  constructor(most: number, onSpent: (spent: number) => void) {
    this.most = most;
    this.onSpent = onSpent;
  }

  /** Infinity when nothing limits them. */
  get left(): number {
    return Math.max(0, this.most - this.used);
  }

  /** Whoever has used some says so. */
  spend(tokens: number): void {
    if (!(tokens > 0)) return;
    this.used += tokens;
    this.onSpent(this.used);
  }
}
