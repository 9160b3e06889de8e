import { MeshError } from "../errors.ts";
import { streamWork, unaryWork } from "../policy/asker.ts";
import { Execution } from "../policy/execution.ts";
import { isFinal } from "../policy/final.ts";
import { keptStream } from "../policy/kept-stream.ts";
import { type ExecutionPolicy, retryOf } from "../policy/options.ts";
import { Target } from "../policy/target.ts";
import type { Degraded } from "../protocol/metadata.ts";
import type { Live } from "./live.ts";
import type { LadderRung } from "./options.ts";

/** What a rung gives: the chunks of a stream, or one value as its only chunk. */
type Chunks = AsyncIterable<unknown> | Iterable<unknown>;

interface Given {
  readonly chunks: Chunks;
  readonly ageMs?: number;
}

const ONCE: ExecutionPolicy = { retry: retryOf(false, ""), hedge: undefined, timeoutMs: undefined };

/**
 * The next best answer, marked as such, when every target has failed.
 * @throws MeshError the failure itself when there is no such answer, when nobody wants it, or when the request is at fault
 */
export async function nextBest(live: Live, failure: MeshError): Promise<Chunks> {
  const { state, request, metadata } = live.ctx;
  const rungs = isFinal(failure) || request.undegraded ? [] : live.of.policy.ladder;
  for (const rung of rungs) {
    const given = await climb(rung, live, failure);
    if (!given) continue;
    const by = nameOf(rung);
    const { ageMs } = given;
    const degraded: Degraded = { by, reason: failure.message, ...(ageMs === undefined ? {} : { ageMs }) };
    metadata.degraded = degraded;
    state.degraded++;
    state.tell("degraded", { by, code: failure.code });
    return given.chunks;
  }
  state.count(failure);
  throw failure;
}

/** Undefined when this rung has nothing. */
async function climb(rung: LadderRung, live: Live, failure: MeshError): Promise<Given | undefined> {
  if (rung.answer) return { chunks: [rung.answer.value] };
  if (rung.agent !== undefined) {
    // Y1
    const mayAsk = live.of.contract.idempotent === true || !failure.mayHaveRun;
    return mayAsk ? askAnother(rung.agent, rung.timeoutMs, live) : undefined;
  }
  const kept = live.keptFor(rung.staleForMs ?? 0);
  return kept && { chunks: kept.values, ageMs: Math.round(kept.ageMs) };
}

async function askAnother(
  agent: string,
  timeoutMs: number | undefined,
  live: Live,
): Promise<Given | undefined> {
  const { clock, contract, what } = live.of;
  const targets = [new Target(clock, { agent, timeoutMs }, 0)];
  try {
    if (!contract.chunk) {
      const asking = new Execution(clock, ONCE, unaryWork(live.asker, live.forAnother), targets);
      const { value } = await asking.run();
      live.credit(value.served, agent);
      return { chunks: [value.value] };
    }
    const asking = new Execution(clock, ONCE, streamWork(live.asker, live.forAnother, clock), targets);
    const opened = await asking.run();
    live.credit(opened.value.served(), agent);
    return { chunks: keptStream(asking, Promise.resolve(opened), { what, from: 0 }) };
  } catch (error) {
    if (error instanceof MeshError) return undefined;
    throw error;
  }
}

function nameOf({ agent, answer }: LadderRung): string {
  return agent ?? (answer ? "answer" : "cache");
}
