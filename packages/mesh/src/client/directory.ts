import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import { textOf } from "../protocol/body.ts";
import { checkAgentName } from "../protocol/names.ts";
import { ROOT_METADATA } from "../protocol/service-metadata.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Transport } from "../transport/transport.ts";
import { type AgentInfo, agentsOf } from "./agent-info.ts";
import { type GatherOptions, gather } from "./gather.ts";
import { type ServiceRecord, parseRecord, recordIn, textIn } from "./service-record.ts";
import { type ReplicaStats, statsOf } from "./replica-stats.ts";

export interface Ping {
  agent: string;
  replica: string;
  /** Milliseconds there and back. */
  rttMs: number;
}

/** Who is on the mesh now, asked of the replicas themselves by the protocol of NATS micro services. */
export class Directory {
  private readonly transport: Transport;
  private readonly clock: Clock;
  private readonly root: string;

  constructor(transport: Transport, clock: Clock, subjects: Subjects) {
    this.transport = transport;
    this.clock = clock;
    this.root = subjects.root;
  }

  /**
   * One agent, or all of them, sorted by name. Empty when nobody answers.
   * @throws MeshError `unavailable` while there is no connection, `bad_request` for what is no agent's name
   */
  async discover(agent?: string, options?: GatherOptions): Promise<AgentInfo[]> {
    return agentsOf((await this.ask("INFO", agent, options)).map(({ record }) => record));
  }

  /** What each replica has done since it started. */
  async stats(agent?: string, options?: GatherOptions): Promise<ReplicaStats[]> {
    return statsOf((await this.ask("STATS", agent, options)).map(({ record }) => record));
  }

  /** Round trips to every replica, nearest first. */
  async ping(agent?: string, options?: GatherOptions): Promise<Ping[]> {
    const replies = await this.ask("PING", agent, options);
    return replies.map(({ record, afterMs }) => ({
      agent: textIn(record, "name"),
      replica: textIn(record, "id"),
      rttMs: afterMs,
    }));
  }

  private async ask(
    verb: "PING" | "INFO" | "STATS",
    agent: string | undefined,
    options: GatherOptions | undefined,
  ): Promise<{ record: ServiceRecord; afterMs: number }[]> {
    if (this.transport.status !== "connected") {
      throw new MeshError("unavailable", `nobody can be asked: the connection is ${this.transport.status}.`);
    }
    const subject = agent === undefined ? `$SRV.${verb}` : `$SRV.${verb}.${checkAgentName(agent)}`;
    const replies = await gather(this.transport, this.clock, subject, options);
    return replies
      .map(({ message, afterMs }) => ({ record: parseRecord(textOf(message.payload)), afterMs }))
      .filter(({ record }) => textIn(recordIn(record["metadata"]), ROOT_METADATA) === this.root);
  }
}
