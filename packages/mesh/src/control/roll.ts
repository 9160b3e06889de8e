import type { Hosting } from "../pool/hosting.ts";
import type { Replica } from "../pool/replica.ts";

/** Of replicas that are gone so many may stay, and as many as there are others. */
const FEW = 64;

/** The replicas of a node: those that serve, and those that start or stop still. */
export class Roll {
  private readonly replicas = new Map<string, Replica>();
  private readonly hostings = new Map<string, Hosting>();
  private strikeAt = FEW;

  add(replica: Replica): void {
    this.replicas.set(replica.id, replica);
    if (this.replicas.size >= this.strikeAt) this.strike();
  }

  /** They have started. */
  host(hostings: readonly Hosting[]): void {
    for (const each of hostings) this.hostings.set(each.id, each);
  }

  /** In the order in which they were made. */
  get all(): Replica[] {
    this.strike();
    return [...this.replicas.values()];
  }

  /** How one is stopped; undefined for one that has not started, and for one that is gone. */
  hostingOf(id: string): Hosting | undefined {
    this.strike();
    return this.hostings.get(id);
  }

  /** Those that are gone. */
  private strike(): void {
    for (const [id, { phase }] of this.replicas) {
      if (phase !== "gone") continue;
      this.replicas.delete(id);
      this.hostings.delete(id);
    }
    this.strikeAt = Math.max(FEW, 2 * this.replicas.size);
  }
}
