import { failure } from "./failures.ts";

/**
 * What one replica may spend in a day of UTC.
 *
 * LM5: when it is spent no call begins before the next day.
 */
export class DailyBudget {
  private readonly agent: string;
  private readonly most: number;
  private readonly today: () => string;
  private day = "";
  private spent = 0;

  /**
   * @param most US dollars; Infinity for as much as one likes
   * @param today the date, such as `2026-03-01`
   */
  constructor(agent: string, most: number, today: () => string) {
    this.agent = agent;
    this.most = most;
    this.today = today;
  }

  /** @throws MeshError `budget_exhausted` */
  check(): void {
    if (this.spentToday < this.most) return;
    throw failure(
      "budget_exhausted",
      `"${this.agent}" has spent ${this.spent.toFixed(2)} of ${this.most.toFixed(2)} dollars today on this replica: wait for tomorrow (UTC), or raise \`budget.costPerDay\`.`,
      { cost: this.spent, limit: this.most },
    );
  }

  spend(cost: number): void {
    this.spent = this.spentToday + cost;
  }

  /** US dollars. */
  get spentToday(): number {
    const day = this.today();
    if (day !== this.day) {
      this.day = day;
      this.spent = 0;
    }
    return this.spent;
  }
}
