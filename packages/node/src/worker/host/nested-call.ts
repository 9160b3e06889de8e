import {
  type CallOptions,
  type Context,
  type Contract,
  type MethodContract,
  MeshError,
  type OnAsk,
  type Question,
  type Served,
} from "@shoal/mesh";
import { z } from "zod";
import type { Doing } from "../doer.ts";
import type { Begin, Call, Callee } from "../protocol.ts";

/** What a handler may call is checked by whoever serves it. */
const ANYTHING = z.unknown();

/**
 * A call that a handler makes, made by its request's own context: so it inherits deadline, signal, trace and chain.
 * @param answerBy has the handler's own `onAsk` of that number answer
 * @param ctx undefined when the handler has returned
 */
export function nestedCall(
  { work, isStream }: Begin<Call>,
  ctx: Context | undefined,
  signal: AbortSignal,
  answerBy: (number: number) => OnAsk,
): Doing {
  const { target, input, options, memory, isQuestion, onAsk } = work;
  const what = `the call of ${typeof target === "string" ? target : `${target.agent}.${target.method}`}`;
  let served: Served | undefined;
  const all: CallOptions = {
    ...options,
    signal,
    onServed: (by) => (served = by),
    ...(onAsk === undefined ? {} : { onAsk: answerBy(onAsk) }),
  };
  return {
    what,
    run() {
      if (!ctx) throw new MeshError("cancelled", `${what} was not made: the handler has returned.`);
      if (isQuestion) return ctx.ask(input as string | Question, { ...options, signal });
      if (memory)
        return (ctx.session.memory[memory] as (...args: unknown[]) => unknown)(...(input as unknown[]));
      if (typeof target !== "string") {
        return ctx.agent(contractOf(target, isStream))[target.method]?.(input, all);
      }
      return isStream ? ctx.stream(target, input, all) : ctx.call(target, input, all);
    },
    beside: () => served,
  };
}

function contractOf({ agent, method, ...facts }: Callee, isStream: boolean): Contract {
  const contract: MethodContract = { ...facts, input: ANYTHING, ...(isStream ? { chunk: ANYTHING } : {}) };
  return { name: agent, version: "0.0.0", methods: { [method]: contract } };
}
