import type { Tier } from "../cache/tier.ts";
import type { Clock } from "../clock.ts";
import type { CachePolicy } from "../contract/cache-options.ts";
import type { Caller } from "../contract/caller.ts";
import type { Emit } from "../contract/context.ts";
import type { MeshView } from "../contract/mesh-view.ts";
import type { Directive } from "../contract/on-failure.ts";
import type { Port } from "../contract/port.ts";
import type { Deadlines } from "../deadlines.ts";
import type { Logger } from "../logger.ts";
import type { Journal } from "../tracing/journal.ts";
import type { RequestSpans } from "../tracing/request-spans.ts";
import type { Around } from "./around.ts";
import type { Job } from "./job.ts";
import type { Loop } from "./loop.ts";
import type { SessionParts } from "./sessions.ts";

/** What an actor has of its replica, and of its node. */
export interface ActorParts {
  replica: string;
  clock: Clock;
  deadlines: Deadlines;
  log: Logger;
  /** A caller that inherits a job's deadline, signal, trace and chain. */
  callerFor: (job: Job) => Caller;
  /** Tells whoever watches the mesh what happened here. */
  emit: Emit;
  /** What the hooks of the agent may use of the connection. */
  port: Port;
  /** What it may see of the mesh beside its requests. */
  mesh: MeshView;
  /** Told when a handler has failed by a fault of its own, and its agent does not want to go on as it is. */
  onFailure?: ((error: unknown, directive: Directive) => void) | undefined;
  /** Runs every handler, and every hook of the agent. */
  around?: Around | undefined;
  /** Undefined where nobody records spans. */
  spans?: RequestSpans | undefined;
  /** Remembers what became of requests. */
  journal?: Journal | undefined;
  loop: Loop<Job>;
  /** A request has been here for a while. */
  onLinger?: (() => void) | undefined;
  /** Where its sessions are kept; undefined when it has none. */
  sessions?: SessionParts | undefined;
  /** What a method shares of its answers with other replicas; undefined when it shares nothing. */
  tierOf?: ((method: string, policy: CachePolicy) => Tier | undefined) | undefined;
}
