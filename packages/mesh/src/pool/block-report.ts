import type { Job } from "../actor/job.ts";
import type { Block } from "../actor/loop.ts";
import type { Emit } from "../contract/context.ts";
import type { Logger } from "../logger.ts";
import type { Hosted } from "./hosted.ts";

/** Two times that are no further apart are one. */
const SAME_MS = 5;

interface Witness {
  readonly log: Logger;
  readonly emit: Emit;
  readonly hosted: Hosted;
}

/** Says who blocked the event loop; where nobody was caught at it, what was running. */
export function reportBlock(
  { culprit, wasBusy, blockedMs: ms }: Block<Job>,
  { log, emit, hosted }: Witness,
): void {
  const blockedMs = Math.round(ms);
  const advice = "give way now and then (await), or run it in a worker thread (worker: true)";
  // What ran from its start to the end of the block has held the loop, whether it computed or waited.
  if (culprit && (wasBusy || culprit.startedAt + ms >= culprit.actor.clock.now() - SAME_MS)) {
    const { actor, method, inbound } = culprit;
    const fields = { method: method.name, request: inbound.id, blockedMs };
    actor.log.error(fields, `${method.target} blocked the event loop for ${blockedMs} ms: ${advice}`);
    return actor.emit("blocked", fields);
  }
  if (!wasBusy) {
    log.warn({ blockedMs }, "this process stood still: it was stopped, or had no processor");
    return emit("stalled", { blockedMs });
  }
  const running = hosted.running();
  const who = running.length > 0 ? "one of these, or by something else" : "what had ended by then";
  log.error({ blockedMs, running }, `the event loop was blocked for ${blockedMs} ms by ${who}: ${advice}`);
  emit("blocked", { blockedMs, running });
}
