import { toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Replica } from "../pool/replica.ts";
import { type ControlRequest, textField } from "./control-request.ts";
import type { Operation } from "./operations.ts";
import type { Roll } from "./roll.ts";

export interface DrainParts {
  readonly log: Logger;
  readonly roll: Roll;
  /** The whole node is to leave. */
  readonly onDrain: () => void;
}

/**
 * `{"op":"drain"}`: this node leaves its pools, finishes what it has, and ends. With `replica` that one alone does, and its
 * node goes on. It is answered at once, with what is to be finished still.
 *
 * IN12: it is asked of one node: who asks them all at once is told so, and none of them leaves.
 *
 * - `timeout`: what one replica may take, such as `"10s"`. Default 25 s. A node takes what it was started with.
 */
export function drainOperation({ log, roll, onDrain }: DrainParts): Operation {
  return (request, isForAll) => {
    // IN12
    if (isForAll)
      throw new MeshError(
        "bad_request",
        "a drain is asked of one node, by its own name: nothing is drained.",
      );
    const id = textField(request, "replica");
    if (id === undefined) {
      log.info({}, "told to drain");
      onDrain();
      return left(roll.all);
    }
    const replica = roll.all.find((each) => each.id === id);
    const hosting = roll.hostingOf(id);
    if (!replica || !hosting) throw new MeshError("not_found", `this node serves no replica "${id}".`);
    log.info({ replica: id, agent: replica.name }, "this replica is told to drain");
    void hosting.stop(timeoutIn(request));
    return { replica: id, ...left([replica]) };
  };
}

function left(replicas: readonly Replica[]): { running: number; waiting: number } {
  const sum = (of: (replica: Replica) => number): number => replicas.reduce((n, each) => n + of(each), 0);
  return { running: sum(({ actor }) => actor.inFlight), waiting: sum(({ actor }) => actor.waiting) };
}

/** @throws MeshError `bad_request` */
function timeoutIn(request: ControlRequest): { timeout?: number } {
  const timeout = textField(request, "timeout");
  return timeout === undefined ? {} : { timeout: toMs(timeout, "timeout") };
}
