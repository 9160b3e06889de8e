import { MeshError } from "@shoal/mesh";
import { FAILURES, failure, kindOf } from "./failures.ts";
import type { Mind } from "./mind.ts";
import type { Loaded } from "./model/language-model.ts";
import type { SpanOf } from "./model-span.ts";
import { type ModelReply, type ModelRequest, askModel } from "./model-call.ts";
import type { ToolContext } from "./tools/tool.ts";

/** A model's whole reply, and which one it was. */
export interface Answered {
  readonly loaded: Loaded;
  readonly reply: ModelReply;
}

/** Told what a model had given when it failed. */
type OnBroken = (loaded: Loaded, text: string) => void;

/**
 * Asks the models of an agent, the next one when the one before fails and nothing of its answer has been given.
 *
 * LM8: a caller never gets pieces of two answers.
 *
 * @throws MeshError: the one failure, or what they all were
 */
export async function* askInTurn(
  mind: Mind,
  request: ModelRequest,
  ctx: ToolContext,
  onBroken: OnBroken,
): AsyncGenerator<string, Answered> {
  const failures: MeshError[] = [];
  for (let index = 0; index < mind.models.size; index++) {
    const isLast = index === mind.models.size - 1;
    let loaded: Loaded | undefined;
    let text = "";
    try {
      loaded = await mind.models.load(index);
      await admit(mind, loaded, ctx, isLast);
      const { clock, stallMs } = mind;
      const span: SpanOf = (name, options) => ctx.span(name, options);
      const asking = askModel(loaded, request, { clock, stallMs, signal: ctx.signal, span });
      const reply = yield* noting(asking, (piece) => (text += piece));
      return { loaded, reply };
    } catch (error) {
      ctx.signal.throwIfAborted();
      mind.figures.fail(error);
      if (!(error instanceof MeshError)) throw error;
      if (loaded) slowDown(mind, loaded, error, ctx);
      if (loaded && text !== "") onBroken(loaded, text);
      // LM8
      if (text !== "" || !goesOn(error)) throw error;
      failures.push(error);
      if (!isLast) ctx.log.warn({ err: error }, "a model has failed: the next one is asked");
    }
  }
  throw summed(failures);
}

/** The same, told of every piece; left early, it ends. */
async function* noting<R>(
  asking: AsyncGenerator<string, R>,
  note: (piece: string) => void,
): AsyncGenerator<string, R> {
  try {
    for (;;) {
      const step = await asking.next();
      if (step.done) return step.value;
      note(step.value);
      yield step.value;
    }
  } finally {
    await asking.return(undefined as never);
  }
}

/** Waits until the account may be asked; with other models to ask instead, it does not wait. */
async function admit(
  mind: Mind,
  { account, name }: Loaded,
  ctx: ToolContext,
  isLast: boolean,
): Promise<void> {
  const closedMs = mind.gates.closedFor(account);
  if (closedMs === 0) return;
  if (isLast && closedMs < ctx.request.remainingMs) return mind.gates.pass(account, ctx.signal);
  throw failure("rate_limited", `${name}: its provider asks us to slow down.`, {
    model: name,
    retryAfterS: closedMs / 1_000,
  });
}

function slowDown(mind: Mind, { account, name }: Loaded, error: MeshError, ctx: ToolContext): void {
  const { retryAfterS = 0, details } = error;
  const isTold = kindOf(error) === "rate_limited" && Reflect.get(details as object, "status") !== undefined;
  if (isTold) mind.limited(account, name, retryAfterS * 1_000, ctx.emit);
}

function goesOn(error: MeshError): boolean {
  const kind = kindOf(error);
  return kind === undefined || FAILURES[kind].next;
}

function summed(failures: readonly MeshError[]): MeshError {
  const last = failures.at(-1) as MeshError;
  if (failures.length === 1) return last;
  const waits = failures.flatMap(({ retryAfterS }) => (retryAfterS === undefined ? [] : [retryAfterS]));
  const reasons = failures.map(({ message }) => message).join(" ");
  return new MeshError(last.code, `no model has answered. ${reasons}`, {
    retryable: failures.some(({ retryable }) => retryable),
    retryAfterS: waits.length > 0 ? Math.min(...waits) : undefined,
    details: { kind: kindOf(last), failures: failures.map(({ details }) => details) },
  });
}
