import { connect } from "@shoal/mesh/client";
import { Usage } from "../usage.ts";
import { serveParent } from "../worker.ts";
import { keptBytes } from "./heap.ts";
import { type Timing, modelOf } from "./timing.ts";
import { answered, providerAt } from "./writer.ts";

/** How a program gets what a model says: by the AI SDK itself, or from an agent in another process. */
export type Way = "direct" | "shoal";

/** What so many streams at once gave. */
export interface Flow {
  readonly tokensPerSecond: number;
  /** Processor time, microseconds per token: of this process, and of those that were named. */
  readonly cpuUs: number;
  readonly othersShare: number;
}

/** A program that reads streams of a model. */
const [servers = "", url = ""] = process.argv.slice(2);
const mesh = await connect({ servers });
const provider = providerAt(url);
const PROMPT = "Say something.";
let held = new AbortController();

/** @param agent that it is asked of, by way of Shoal. Default: the model's */
function open(
  way: Way,
  timing: Timing,
  signal: AbortSignal,
  agent: string = modelOf(timing),
): AsyncIterable<unknown> {
  if (way === "direct") return answered(provider, modelOf(timing), PROMPT, signal);
  return mesh.stream(`${agent}.prompt`, PROMPT, { signal });
}

/** Reads a stream to its end; gives the milliseconds to its first token. */
async function first(way: Way, timing: Timing): Promise<number> {
  const began = performance.now();
  let took: number | undefined;
  for await (const _token of open(way, timing, new AbortController().signal))
    took ??= performance.now() - began;
  if (took === undefined) throw new Error(`${way}: a stream without a token`);
  return took;
}

const commands = {
  /** Milliseconds to the first token, of either way in turn. */
  async firstTokens(timing: Timing, times: number): Promise<Record<Way, number[]>> {
    const took: Record<Way, number[]> = { direct: [], shoal: [] };
    for (let n = 0; n < times; n++) {
      const ways: Way[] = n % 2 === 0 ? ["direct", "shoal"] : ["shoal", "direct"];
      for (const way of ways) took[way].push(await first(way, timing));
    }
    return took;
  },

  /** Reads so many streams at once, each followed by another when it ends. @param pids others whose time counts */
  async flow(
    way: Way,
    timing: Timing,
    streams: number,
    seconds: number,
    pids: readonly number[],
  ): Promise<Flow> {
    const usage = new Usage([process.pid, ...pids]);
    const ending = new AbortController();
    let tokens = 0;
    const read = async (): Promise<void> => {
      while (!ending.signal.aborted)
        try {
          for await (const _token of open(way, timing, ending.signal)) tokens++;
        } catch (error) {
          if (!ending.signal.aborted) throw error;
        }
    };
    const reading = Promise.all(Array.from({ length: streams }, read));
    const pause = (ms: number): Promise<unknown> =>
      Promise.race([reading, new Promise((resolve) => setTimeout(resolve, ms))]);
    // Until all have begun, and none in step with the others.
    await pause(1_000);
    usage.begin();
    const [before, began] = [tokens, performance.now()];
    await pause(seconds * 1_000);
    const [came, took] = [tokens - before, performance.now() - began];
    usage.end();
    ending.abort();
    await reading;
    const cpu = usage.seconds.reduce((sum, each) => sum + each, 0);
    return {
      tokensPerSecond: (came / took) * 1_000,
      cpuUs: (cpu * 1e6) / came,
      othersShare: usage.othersShare,
    };
  },

  /** Opens streams, and keeps them open. Resolves when each has given its first token. */
  async hold(way: Way, timing: Timing, streams: number, agent?: string): Promise<void> {
    held = new AbortController();
    const { signal } = held;
    const begin = (): Promise<void> =>
      new Promise((resolve, reject) => {
        void (async () => {
          try {
            for await (const _token of open(way, timing, signal, agent)) resolve();
          } catch (error) {
            if (!signal.aborted) reject(error);
          }
        })();
      });
    await Promise.all(Array.from({ length: streams }, begin));
  },

  release: (): void => held.abort(),
  keptBytes,
};

export type CallerWorkerCommands = typeof commands;

serveParent(commands);
