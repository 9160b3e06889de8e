import type { Around } from "./actor/around.ts";
import type { ConnectOptions } from "./connect.ts";
import type { StuckOptions } from "./control/stuck-policy.ts";
import type { Duration } from "./duration.ts";
import type { MeshError } from "./errors.ts";
import type { TaskOptions } from "./tasks/options.ts";

export interface MeshOptions extends ConnectOptions {
  /** Name of this node; the ids of its replicas begin with it. Default: random. */
  node?: string;
  /**
   * `"prefer"`: a call to an agent that this mesh serves itself, and that has a free slot, does not cross the network
   * and is not serialised. Default `"never"`.
   */
  local?: "prefer" | "never";
  /**
   * `false`: the replicas of this node neither give waiting requests to others of their pool nor take theirs. Default true.
   */
  lanes?: boolean;
  /**
   * Its agents take durable tasks too: what `submit` and `nats req mesh.task.…` keep in JetStream. Streams are made where
   * they are missing, and changed where they are otherwise. `"if-possible"`: where NATS has no JetStream, or does not let
   * this user make what is missing, it takes none, and says so in the log. Default false.
   */
  tasks?: boolean | "if-possible" | TaskOptions;
  /** How sessions and memories are kept, by those of its agents that have some. Default: one copy, with no limit but the server's. */
  sessions?: SessionStorage;
  /** How often this node tells its figures, while it serves agents and has something to tell; `false`: never. Default 1 s. */
  stats?: false | { interval?: Duration };
  /**
   * Told when restarting actors does not help, or when one's `onFailure` escalates: those that were supervised together
   * are stopped by then. A process whose work this is should end, and be started again.
   */
  onEscalation?: (error: MeshError) => void;
  /**
   * Told when somebody drains this node over NATS: a process whose work this is should drain and end. Default: it drains,
   * and goes on without agents.
   */
  onDrain?: () => void;
  /** Requests that run far longer than theirs do are told as events. `false`: they are not. */
  stuck?: StuckOptions | false;
  /** Runs every handler, and every hook of an agent: for an async context that tells where an error comes from. */
  around?: Around;
}

export interface SessionStorage {
  /** NATS servers that have a copy, from 1 to 5. Default 1. */
  readonly replicas?: number;
  /** Bytes that all sessions of the mesh may take. */
  readonly maxBytes?: number;
}
