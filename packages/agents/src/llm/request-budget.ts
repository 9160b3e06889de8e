import type { MeshError, TokenBudget } from "@shoal/mesh";
import { failure } from "./failures.ts";
import { NO_USAGE, type Usage, sumOf } from "./usage.ts";

/**
 * What one request may use, over all calls of models that it makes.
 *
 * LM4: no call begins that the budget has no room for, and none may answer with more than what is left.
 */
export class RequestBudget {
  private readonly most: number;
  private readonly agent: string;
  private readonly whole: Pick<TokenBudget, "left" | "spend">;
  /** Of all calls so far. */
  used: Usage = NO_USAGE;

  /**
   * @param most tokens in and out together; Infinity for as many as one likes
   * @param whole what the request that all of this is for may use
   */
  constructor(agent: string, most: number, whole: Pick<TokenBudget, "left" | "spend">) {
    this.whole = whole;
    this.agent = agent;
    this.most = most;
  }

  /**
   * Tokens that the next answer may have; Infinity when nothing limits them.
   * @param inputTokens an estimate of what is sent
   * @throws MeshError `budget_exhausted`
   */
  roomFor(inputTokens: number): number {
    const left = Math.min(this.most - this.tokens, this.whole.left) - inputTokens;
    if (left >= 1) return left;
    throw this.exhausted();
  }

  spend(usage: Usage): void {
    this.used = sumOf(this.used, usage);
    this.whole.spend(usage.inputTokens + usage.outputTokens);
  }

  exhausted(): MeshError {
    const { tokens, most, agent } = this;
    const { left } = this.whole;
    const why =
      left < most - tokens
        ? `the request that "${agent}" works for has ${left} tokens left, which is too few`
        : `the request may use ${most} tokens of "${agent}", and has used ${tokens}`;
    return failure("budget_exhausted", `${why}: ask for less, or allow more.`, { tokens, limit: most, left });
  }

  private get tokens(): number {
    return this.used.inputTokens + this.used.outputTokens;
  }
}
