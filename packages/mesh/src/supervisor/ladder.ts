import { MeshError } from "../errors.ts";
import { streamWork, unaryWork } from "../policy/asker.ts";
import { creditsOf } from "../policy/credits.ts";
import { Execution, type ExecutionPolicy, isFinal } from "../policy/execution.ts";
import { keptStream } from "../policy/kept-stream.ts";
import { retryOf } from "../policy/options.ts";
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
export async function nextBest(live: Live, key: string, failure: MeshError): Promise<Chunks> {
  const { state, request, metadata } = live.ctx;
  const rungs = isFinal(failure) || request.undegraded ? [] : live.of.policy.ladder;
  for (const rung of rungs) {
    const given = await climb(rung, live, key);
    if (!given) continue;
    const by = nameOf(rung);
    const { ageMs } = given;
    const degraded: Degraded = { by, reason: failure.message, ...(ageMs === undefined ? {} : { ageMs }) };
    metadata.degraded = degraded;
    state.degraded++;
    state.tell("degraded", { by, code: failure.code });
    return given.chunks;
  }
  state.failed++;
  throw failure;
}

/** Undefined when this rung has nothing. */
async function climb(rung: LadderRung, live: Live, key: string): Promise<Given | undefined> {
  if (rung.answer) return { chunks: [rung.answer.value] };
  if (rung.agent !== undefined) return askAnother(rung.agent, rung.timeoutMs, live);
  const kept = live.ctx.state.cache?.find(key);
  return kept && { chunks: kept.values, ageMs: Math.round(kept.ageMs) };
}

async function askAnother(
  agent: string,
  timeoutMs: number | undefined,
  live: Live,
): Promise<Given | undefined> {
  const { clock, contract, what, policy } = live.of;
  const targets = [new Target(clock, { agent, timeoutMs }, 0)];
  const first = policy.targets[0]?.agent ?? agent;
  try {
    if (!contract.chunk) {
      const { value } = await new Execution(clock, ONCE, unaryWork(live.asker, live.forAnother)).run(targets);
      Object.assign(live.ctx.metadata, creditsOf(value.served, agent, first));
      return { chunks: [value.value] };
    }
    const work = streamWork(live.asker, live.forAnother, 0, clock);
    const opened = await new Execution(clock, ONCE, work).run(targets);
    Object.assign(live.ctx.metadata, creditsOf(opened.value.served(), agent, first));
    return { chunks: keptStream(() => Promise.resolve(opened), { what, from: 0, isResumable: false }) };
  } catch (error) {
    if (error instanceof MeshError) return undefined;
    throw error;
  }
}

function nameOf({ agent, answer }: LadderRung): string {
  return agent ?? (answer ? "answer" : "cache");
}
