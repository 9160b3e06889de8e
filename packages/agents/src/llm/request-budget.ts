import type { MeshError } from "@shoal/mesh";
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
  /** Of all calls so far. */
  used: Usage = NO_USAGE;

  /** @param most tokens in and out together; Infinity for as many as one likes */
  constructor(agent: string, most: number) {
    this.agent = agent;
    this.most = most;
  }

  /**
   * Tokens that the next answer may have; Infinity when nothing limits them.
   * @param inputTokens an estimate of what is sent
   * @throws MeshError `budget_exhausted`
   */
  roomFor(inputTokens: number): number {
    const left = this.most - this.tokens - inputTokens;
    if (left >= 1) return left;
    throw this.exhausted();
  }

  spend(usage: Usage): void {
    this.used = sumOf(this.used, usage);
  }

  exhausted(): MeshError {
    return failure(
      "budget_exhausted",
      `the request may use ${this.most} tokens of "${this.agent}", and has used ${this.tokens}: ask for less, or raise \`budget.tokensPerRequest\`.`,
      { tokens: this.tokens, limit: this.most },
    );
  }

  private get tokens(): number {
    return this.used.inputTokens + this.used.outputTokens;
  }
}
