import type { Served } from "@shoal/mesh/client";
import { nextBestText } from "./next-best.ts";
import { timeText } from "./time-text.ts";

/** What a person should know of an answer; undefined when it is the one that was asked for. */
export function servedNote({ agent, degraded, metadata }: Served): string | undefined {
  if (degraded) {
    const { by, ageMs, reason } = degraded;
    const age = ageMs === undefined ? "" : `, ${timeText(ageMs)} old`;
    return `degraded: ${nextBestText(by)}${age}, since ${reason}`;
  }
  const instead = metadata.servedBy?.instead;
  return instead === undefined ? undefined : `answered by ${agent} in place of ${instead}`;
}
