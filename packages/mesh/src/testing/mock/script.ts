import type { Context } from "../../contract/context.ts";
import { MeshError } from "../../errors.ts";
import type { Expectation } from "./expectation.ts";
import type { OpenCall } from "./mock-call.ts";
import { unexpected } from "./unexpected.ts";

/** Answers what nothing was expected for. */
export type Otherwise = (input: unknown, ctx: Context) => unknown;

/** What a mock expects, and what became of it. */
export class Script {
  readonly expectations: Expectation[] = [];
  readonly calls: OpenCall[] = [];
  private readonly agent: string;
  private readonly otherwise: Otherwise | undefined;
  /** Why calls were refused. */
  private readonly refusals: string[] = [];

  constructor(agent: string, otherwise: Otherwise | undefined) {
    this.agent = agent;
    this.otherwise = otherwise;
  }

  /** A sentence for each call that was not expected, and for each expectation that was not met. */
  get problems(): string[] {
    const unmet = this.expectations.flatMap(({ wants }) => (wants === undefined ? [] : [wants]));
    return [...this.refusals, ...unmet].map((each) => `mock "${this.agent}": ${each}`);
  }

  /** Forgets calls and expectations. */
  reset(): void {
    this.expectations.length = 0;
    this.calls.length = 0;
    this.refusals.length = 0;
  }

  /** One answer. */
  async value(method: string, input: unknown, ctx: Context): Promise<unknown> {
    const { call, answer } = this.take(method, input, ctx);
    try {
      call.output = await answer();
      call.outcome = "answered";
      return call.output;
    } catch (error) {
      throw fail(call, ctx, error);
    }
  }

  /** A stream of them. */
  async *chunks(method: string, input: unknown, ctx: Context): AsyncGenerator<unknown> {
    const { call, answer } = this.take(method, input, ctx);
    const chunks: unknown[] = [];
    call.output = chunks;
    try {
      for await (const chunk of (await answer()) as AsyncIterable<unknown>) {
        chunks.push(chunk);
        yield chunk;
      }
      call.outcome = "answered";
    } catch (error) {
      throw fail(call, ctx, error);
    } finally {
      // Left early by whoever reads it.
      if (call.outcome === "running") call.outcome = "cancelled";
    }
  }

  private take(method: string, input: unknown, ctx: Context): { call: OpenCall; answer: () => unknown } {
    // MA1
    const expectation = this.expectations.find(
      (each) => each.method === method && !each.isUsedUp && each.differences(input).length === 0,
    );
    const call: OpenCall = {
      method,
      input,
      request: { ...ctx.request },
      isExpected: expectation !== undefined,
      outcome: "running",
      output: undefined,
      error: undefined,
    };
    // MA5
    this.calls.push(call);
    const { otherwise } = this;
    if (expectation) return { call, answer: () => expectation.answer(input, ctx) };
    if (otherwise) return { call, answer: () => otherwise(input, ctx) };
    return {
      call,
      answer: () => {
        throw this.refusal(method, input);
      },
    };
  }

  private refusal(method: string, input: unknown): MeshError {
    const why = unexpected(method, input, this.expectations);
    // MA4
    this.refusals.push(why);
    // MA2
    return new MeshError("bad_request", `mock "${this.agent}": ${why}`);
  }
}

function fail(call: OpenCall, { signal }: Context, error: unknown): unknown {
  call.outcome = signal.aborted ? "cancelled" : "failed";
  call.error = error;
  return error;
}
