import type { Clock } from "../clock.ts";
import { Departed } from "../stats/departed.ts";
import type { NodeFigures, ReplicaFigures } from "../stats/figures.ts";
import { ProcessGauge } from "../stats/process-gauge.ts";
import type { Transport } from "../transport/transport.ts";
import { type Counted, replicaFigures } from "./replica-figures.ts";

/**
 * What a node knows of itself.
 *
 * ME1: what a replica has counted is told for as long as the node lives, once: under its own id while it is here, and with
 *      the others of its agent when it has gone.
 */
export class NodeBook {
  readonly node: string;
  private readonly clock: Clock;
  private readonly transport: Transport;
  private readonly startedAt: number;
  private readonly gauge: ProcessGauge;
  private readonly present = new Set<Counted>();
  private readonly departed = new Departed();
  private readonly stopStatus: () => void;
  private reconnects = 0;

  constructor(node: string, clock: Clock, transport: Transport) {
    this.node = node;
    this.clock = clock;
    this.transport = transport;
    this.startedAt = clock.now();
    this.gauge = new ProcessGauge(() => clock.now());
    this.stopStatus = transport.onStatus(({ type }) => {
      if (type === "connected") this.reconnects++;
    });
  }

  /** Counts a replica from now on. Idempotent. */
  add(replica: Counted): void {
    this.gauge.start();
    this.present.add(replica);
  }

  /** A replica counts nothing any more. Idempotent. */
  fold(replica: Counted): void {
    // ME1
    if (this.present.delete(replica)) this.departed.add(replicaFigures(replica));
  }

  /** As it stands. Distributions are recorded into further. */
  get live(): NodeFigures {
    const { node, clock, transport, reconnects } = this;
    return {
      node,
      uptimeMs: clock.now() - this.startedAt,
      connection: { isConnected: transport.status === "connected", reconnects },
      process: this.gauge.read(),
      replicas: [...Array.from(this.present, replicaFigures), ...this.departed.all],
    };
  }

  /** As it is now: what is recorded later does not change it. */
  get snapshot(): NodeFigures {
    const { live } = this;
    return { ...live, replicas: live.replicas.map(copied) };
  }

  close(): void {
    this.stopStatus();
    this.gauge.stop();
  }
}

function copied(figures: ReplicaFigures): ReplicaFigures {
  const methods = figures.methods.map((each) => ({
    ...each,
    running: each.running.copy(),
    waiting: each.waiting.copy(),
  }));
  return { ...figures, methods };
}
