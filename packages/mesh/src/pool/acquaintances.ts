import type { Clock } from "../clock.ts";
import { KNOWN_MS } from "../protocol/left.ts";

/** More are not told when their replica leaves: they find out. */
const MAX_CALLERS = 4_096;

/** Callers that have lately heard from a replica, by a reply subject of each. */
export class Acquaintances {
  private readonly clock: Clock;
  /** By inbox, the one that was met last at the end. */
  private readonly callers = new Map<string, { readonly reply: string; readonly at: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  meet(reply: string): void {
    const inbox = reply.slice(0, reply.lastIndexOf("."));
    if (inbox === "") return;
    this.callers.delete(inbox);
    this.callers.set(inbox, { reply, at: this.clock.now() });
    for (const [first, { at }] of this.callers) {
      if (this.callers.size <= MAX_CALLERS && this.isRecent(at)) break;
      this.callers.delete(first);
    }
  }

  /** One reply subject of each. */
  recent(): string[] {
    return [...this.callers.values()].filter(({ at }) => this.isRecent(at)).map(({ reply }) => reply);
  }

  forget(): void {
    this.callers.clear();
  }

  private isRecent(at: number): boolean {
    return this.clock.now() - at <= KNOWN_MS;
  }
}
