import { availableParallelism } from "node:os";
import { type Duration, MeshError, toMs } from "@shoal/mesh";

export interface LocalModelOptions {
  /** Where relative paths begin. Default: the working directory. */
  readonly directory?: string;
  /** Answers that are generated at once; others wait for their turn. 1 to 64; default 2. */
  readonly slots?: number;
  /** Tokens that a conversation and its answer may have together. Default 4,096, or what the model was trained on if that is less. */
  readonly contextSize?: number;
  /**
   * Threads that compute. Default: half of the processors. They wait for each other by spinning, so that one thread more
   * than there are idle processors costs most of the speed.
   */
  readonly threads?: number;
  /** How long a model stays in memory when nobody uses it. Default `"10m"`. */
  readonly unloadAfter?: Duration;
}

/** What of the options makes two models different. */
export interface EngineSettings {
  readonly slots: number;
  readonly contextSize: number;
  readonly threads: number;
}

const MOST_SLOTS = 64;
const LEAST_CONTEXT = 64;

/** @throws MeshError `bad_request` for a number that is none of these */
export function engineSettingsOf({
  slots = 2,
  contextSize = 4_096,
  threads,
}: LocalModelOptions): EngineSettings {
  return {
    slots: whole("slots", slots, 1, MOST_SLOTS),
    contextSize: whole("contextSize", contextSize, LEAST_CONTEXT, Number.MAX_SAFE_INTEGER),
    threads: whole("threads", threads ?? Math.max(1, Math.floor(availableParallelism() / 2)), 1, 1_024),
  };
}

/** In milliseconds. @throws MeshError `bad_request` for what is no duration */
export function keepMsOf({ unloadAfter = "10m" }: LocalModelOptions): number {
  return toMs(unloadAfter);
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  throw new MeshError("bad_request", `${name} of a local model is a whole number, ${range}, not ${value}.`);
}
