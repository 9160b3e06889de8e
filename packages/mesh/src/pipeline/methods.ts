import { z } from "zod";
import type { MethodContract } from "../contract/contract.ts";
import type { Duration } from "../duration.ts";
import { ERROR_CODES, type ErrorCode } from "../errors.ts";
import type { Degraded } from "../protocol/metadata.ts";
import { described } from "./described.ts";
import type { Watched } from "./events.ts";
import type { PipelineFailure } from "./stage-failure.ts";

/** Items that go through a pipeline together, each on its own. */
export interface Many<T> {
  readonly items: readonly T[];
  /** Results come in the order of the items. Default true; false: as they come. */
  readonly ordered?: boolean | undefined;
}

/** What became of one item; `index` is its place among them, from 0. */
export type ItemResult<O> =
  | {
      readonly index: number;
      readonly status: "fulfilled";
      readonly value: O;
      /** Why the value is not the real one. */
      readonly degraded?: Degraded | undefined;
    }
  | { readonly index: number; readonly status: "skipped" | "rejected"; readonly error: ItemError };

export interface ItemError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly details: PipelineFailure;
}

/** The methods of every pipeline. */
export type PipelineMethods<I extends z.ZodType, O> = {
  /** One item. */
  readonly run: { readonly input: I; readonly output: z.ZodType<O> };
  /** Many items: a stream of what became of each. */
  readonly each: {
    readonly input: z.ZodType<Many<unknown>, Many<z.input<I>>>;
    readonly chunk: z.ZodType<ItemResult<O>>;
  };
  /** One item: a stream of what happens to it, and the result at the end. */
  readonly watch: { readonly input: I; readonly chunk: z.ZodType<Watched<O>> };
};

interface About {
  readonly input: z.ZodType;
  /** Of the last stage; undefined when nobody knows it. */
  readonly output: z.ZodType | undefined;
  readonly timeout: Duration | undefined;
  readonly isIdempotent: boolean;
}

const code = z.enum(Object.keys(ERROR_CODES) as [ErrorCode]);
const index = z.int().min(0);

export function methodsOf({ input, output, timeout, isIdempotent }: About): Record<string, MethodContract> {
  const value = output ? described(output, "output") : z.unknown();
  const error = z.object({ code, message: z.string(), retryable: z.boolean(), details: z.unknown() });
  const stage = z.string();
  const result = z.union([
    z.object({ index, status: z.literal("fulfilled"), value, degraded: z.unknown().optional() }),
    z.object({ index, status: z.enum(["skipped", "rejected"]), error }),
  ]);
  const event = z.union([
    z.object({ event: z.literal("started"), stage }),
    z.object({ event: z.literal("done"), stage, tookMs: z.number() }),
    z.object({ event: z.literal("progress"), stage, done: z.int(), total: z.int().optional() }),
    z.object({ event: z.literal("failed"), stage, code, message: z.string(), next: z.string() }),
    z.object({ event: z.literal("result"), value }),
  ]);
  return {
    run: {
      description: "What the stages make of one item",
      input,
      output: value,
      idempotent: isIdempotent,
      timeout,
    },
    each: {
      description: "What becomes of each of many items",
      // One that is not valid is a result of its own.
      input: z.object({ items: z.array(described(input, "input")), ordered: z.boolean().optional() }),
      chunk: described(result, "output"),
      idempotent: isIdempotent,
    },
    watch: {
      description: "What happens to one item, and the result",
      input,
      chunk: described(event, "output"),
      idempotent: isIdempotent,
    },
  };
}
