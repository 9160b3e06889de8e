import { type Agent, type Clock, defineSupervisor } from "@shoal/mesh";
import { cheap, good } from "./contracts.ts";

/**
 * Writes with the good model while it can, else with the cheap one.
 * @param clock tests bring their own
 */
export function createWriter(clock?: Clock): Agent<typeof good.methods> {
  return defineSupervisor({
    name: "writer",
    targets: [good, cheap],
    timeout: "5s",
    retry: { attempts: 2, backoff: "200ms", jitter: "none" },
    ...(clock ? { clock } : {}),
  });
}
