import { MemoryBroker } from "../transport/memory.ts";
import type { MemoryInterest } from "../transport/memory-interest.ts";
import type { Transport } from "../transport/transport.ts";

/** A broker that knows who is connected to it, and who has subscribed. */
export class WatchedBroker extends MemoryBroker {
  private readonly transports = new Set<Transport>();
  private readonly interests = new Set<MemoryInterest>();

  /** Connections that are not closed. */
  get connections(): number {
    return [...this.transports].filter(({ status }) => status !== "closed").length;
  }

  /** Subjects of the subscriptions that stand. */
  get subjects(): string[] {
    return [...this.interests].map(({ subject }) => subject);
  }

  override connect(): Transport {
    const transport = super.connect();
    this.transports.add(transport);
    return transport;
  }

  override add(interest: MemoryInterest): void {
    this.interests.add(interest);
    super.add(interest);
  }

  override remove(interest: MemoryInterest): void {
    this.interests.delete(interest);
    super.remove(interest);
  }
}
