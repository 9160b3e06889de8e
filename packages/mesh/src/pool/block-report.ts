import type { Job } from "../actor/job.ts";
import type { Block } from "../actor/loop.ts";
import type { Emit } from "../contract/context.ts";
import type { Logger } from "../logger.ts";
import type { Hosted } from "./hosted.ts";

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
  if (!wasBusy) {
    log.warn({ blockedMs }, "this process stood still: it was stopped, or had no processor");
    return emit("stalled", { blockedMs });
  }
  const advice = "give way now and then (await), or run it in a worker thread (worker: true)";
  if (culprit) {
    const { actor, method, inbound } = culprit;
    const fields = { method: method.name, request: inbound.id, blockedMs };
    actor.log.error(fields, `${method.target} blocked the event loop for ${blockedMs} ms: ${advice}`);
    return actor.emit("blocked", fields);
  }
  const running = hosted.running();
  const who = running.length > 0 ? "one of these, or by something else" : "something that is no handler";
  log.error({ blockedMs, running }, `the event loop was blocked for ${blockedMs} ms by ${who}: ${advice}`);
  emit("blocked", { blockedMs, running });
}
