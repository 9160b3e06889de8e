import { hostname } from "node:os";
import type { Job } from "../actor/job.ts";
import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import type { Transport } from "../transport/transport.ts";
import { type ControlRequest, textField } from "./control-request.ts";
import { type NodeInspection, inspectReplica } from "./inspection.ts";
import type { Operation } from "./operations.ts";
import { ownVersion } from "./own-version.ts";
import type { Roll } from "./roll.ts";

/** Requests of each replica that are told of unless more are asked for, and at most. */
const FEW = 10;
const MOST = 1_000;

export interface InspectParts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly roll: Roll;
  readonly isStuck: (job: Job) => boolean;
}

/**
 * `{"op":"inspect"}`: a node, and what each of its replicas does.
 *
 * - `agent`: replicas of this agent alone; `replica`: this one alone. A node that has none says nothing.
 * - `limit`: requests of each replica that are told of, from 0 to 1,000. Default 10.
 */
export function inspectOperation({ transport, clock, roll, isStuck }: InspectParts): Operation {
  const startedAt = clock.now();
  return (request): Omit<NodeInspection, "node"> | undefined => {
    const [agent, id, most] = [textField(request, "agent"), textField(request, "replica"), limitIn(request)];
    const replicas = roll.all.filter(
      ({ name, id: own }) => (agent === undefined || name === agent) && (id === undefined || own === id),
    );
    const isWhole = agent === undefined && id === undefined;
    if (replicas.length === 0 && !isWhole) return undefined;
    const { rss, heapUsed } = process.memoryUsage();
    return {
      version: ownVersion(),
      runtime: process.version,
      host: hostname(),
      pid: process.pid,
      now: new Date().toISOString(),
      upMs: Math.round(clock.now() - startedAt),
      memory: { rss, heapUsed },
      connection: transport.status,
      subscriptions: isWhole ? transport.interests : [],
      replicas: replicas.map((replica) => inspectReplica(replica, most, isStuck)),
    };
  };
}

function limitIn(request: ControlRequest): number {
  const { limit = FEW } = request;
  if (typeof limit === "number" && Number.isInteger(limit) && limit >= 0 && limit <= MOST) return limit;
  throw new MeshError("bad_request", `"limit" of inspect must be a whole number from 0 to ${MOST}.`);
}
