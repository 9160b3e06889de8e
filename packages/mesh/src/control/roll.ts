import type { Replica } from "../pool/replica.ts";

/** The replicas of a node: those that serve, and those that start or stop still. */
export class Roll {
  private readonly replicas = new Set<Replica>();

  add(replica: Replica): void {
    this.strike();
    this.replicas.add(replica);
  }

  /** In the order in which they were made. */
  get all(): Replica[] {
    this.strike();
    return [...this.replicas];
  }

  /** Those that are gone. */
  private strike(): void {
    for (const each of this.replicas) if (each.phase === "gone") this.replicas.delete(each);
  }
}
