import {
  type Followed,
  GONE,
  type NodeFigures,
  type Port,
  type ReplicaFigures,
  StatsFollower,
} from "@shoal/mesh";
import { GoneNodes } from "./gone-nodes.ts";
import { MethodRates } from "./method-rates.ts";

/**
 * What all nodes of a mesh have done, and what those that live are doing.
 *
 * ME6: what a node has told stays counted when it is gone, once; what it was doing does not.
 * ME7: memory is bounded, however many nodes come and go.
 * ME9: a time without a connection is nobody's silence: nodes are not taken to be gone before it is back, and they have had
 *      the time to come back as well.
 */

/** A node tells something in five intervals at least. */
const QUESTIONABLE_INTERVALS = 6;
const SILENT_INTERVALS = 16;
/** Nodes that are gone and may come back, as after a partition; the figures of others are added up. */
const MOST_SILENT = 256;
const MOST_ADDED = 10_000;
/** A node that was cut off, and has not said that it stops, may be back by then. */
const RETURN_MS = 60_000;
const TICK_MS = 1_000;
/** By then nodes that live have answered. */
const SETTLED_MS = 700;

/** A node as it is known. */
export interface KnownNode {
  readonly figures: NodeFigures;
  /** Milliseconds since it was last heard. */
  readonly silentMs: number;
}

/** A replica, or what those of an agent have done that are gone. */
export interface Counted {
  /** `gone` for sums of those that are. */
  readonly node: string;
  readonly figures: ReplicaFigures;
}

export interface CensusParts {
  readonly port: Port;
  readonly root: string;
  readonly onGarbage: (why: Error, subject: string) => void;
}

export class Census {
  readonly rates: MethodRates = new MethodRates();
  private readonly parts: CensusParts;
  private readonly follower: StatsFollower;
  private readonly gone = new GoneNodes();
  /** Nodes whose figures were added up. */
  private readonly added = new Set<string>();
  /** Since when the connection stands: until then nobody could be heard. */
  private connectedAt = -Infinity;
  private stopTimer: (() => void) | undefined;
  private settling: Promise<void> | undefined;
  private stopSettling: (() => void) | undefined;

  constructor(parts: CensusParts) {
    this.parts = parts;
    this.follower = new StatsFollower({
      ...parts,
      isWanted: (node) => !this.added.has(node),
      onHeard: ({ mirror }, heard, wasKnown) => {
        // What it had done before it was heard of says nothing of how fast it is.
        if (heard === "whole" && !wasKnown) this.rates.begin(mirror.figures, this.now);
      },
    });
  }

  /** @throws MeshError `forbidden` when NATS does not let this user hear the figures of nodes */
  async open(): Promise<void> {
    await this.follower.start();
    this.settling = new Promise((resolve) => {
      this.stopSettling = this.clock.after(SETTLED_MS, () => {
        this.settling = undefined;
        resolve();
      });
    });
    this.wait();
  }

  /** Undefined once nodes have had the time to tell what they have done before. */
  get settled(): Promise<void> | undefined {
    return this.settling;
  }

  close(): void {
    this.stopTimer?.();
    this.stopSettling?.();
    this.follower.stop();
  }

  get clock(): Port["clock"] {
    return this.parts.port.clock;
  }

  /** Those that live. */
  get nodes(): KnownNode[] {
    const { now } = this;
    return this.known.alive.map(({ mirror, heardAt }) => ({
      figures: mirror.figures,
      silentMs: now - heardAt,
    }));
  }

  /** Replicas of nodes that live, and for each agent what those of the others have done together. */
  get counted(): Counted[] {
    const { alive, gone } = this.known;
    const sums = this.gone.sumsWith(gone);
    return [...alive.flatMap(replicasOf), ...sums.map((figures) => ({ node: GONE, figures }))];
  }

  /** Replicas of nodes, gone or not, of which more is known than such a sum. */
  of(isWanted: (node: string) => boolean): Counted[] {
    const { alive, gone } = this.known;
    const wanted = ({ mirror }: Followed): boolean => isWanted(mirror.node);
    const then = gone
      .filter(wanted)
      .flatMap(replicasOf)
      // ME6
      .map(({ node, figures }) => ({ node, figures: { ...figures, now: null, supervisor: null } }));
    return [...alive.filter(wanted).flatMap(replicasOf), ...then];
  }

  private get known(): { alive: Followed[]; gone: Followed[] } {
    const [alive, gone]: [Followed[], Followed[]] = [[], []];
    for (const node of this.follower.known) (this.isAlive(node) ? alive : gone).push(node);
    return { alive, gone };
  }

  private get now(): number {
    return this.clock.now();
  }

  private isAlive({ mirror, heardAt, isOver }: Followed): boolean {
    return !isOver && this.silenceOf(heardAt) < SILENT_INTERVALS * mirror.intervalMs;
  }

  /** How long nothing has been heard of a node that might have been. */
  private silenceOf(heardAt: number): number {
    // ME9
    return this.now - Math.max(heardAt, this.connectedAt);
  }

  private wait(): void {
    this.stopTimer = this.clock.after(TICK_MS, () => {
      this.wait();
      this.tick();
    });
  }

  private tick(): void {
    const { follower, now } = this;
    if (!this.parts.port.isConnected) this.connectedAt = now;
    const { alive, gone } = this.known;
    for (const { mirror, heardAt } of alive)
      if (this.silenceOf(heardAt) >= QUESTIONABLE_INTERVALS * mirror.intervalMs) follower.probe(mirror.node);
    this.rates.note(
      alive.map(({ mirror }) => mirror.figures),
      now,
    );
    this.addUp(gone);
  }

  /** ME7: of nodes that are gone, those that have been for the longest. */
  private addUp(gone: readonly Followed[]): void {
    this.gone.sumsWith(gone);
    const spare = gone
      .toSorted((a, b) => a.heardAt - b.heardAt)
      .slice(0, Math.max(0, gone.length - MOST_SILENT))
      // ME9
      .filter(({ hasLeft, heardAt }) => hasLeft || this.silenceOf(heardAt) >= RETURN_MS);
    for (const node of spare) {
      this.gone.forget(node);
      this.follower.forget(node.mirror.node);
      this.added.add(node.mirror.node);
    }
    for (const node of this.added) {
      if (this.added.size <= MOST_ADDED) break;
      this.added.delete(node);
    }
  }
}

function replicasOf({ mirror: { figures } }: Followed): Counted[] {
  return figures.replicas.map((each) => ({ node: figures.node, figures: each }));
}
