import type { Clock } from "../clock.ts";
import { KNOWN_MS } from "../protocol/left.ts";

/** More are not told when their replica leaves: they find out. */
const MAX_CALLERS = 1_024;
const MAX_INBOX_LENGTH = 256;
/** What a word may take to its caller, which counts from when it heard. */
const WAY_MS = 1_000;

/** Callers that have lately heard from a replica, by a reply subject of each. */
export class Acquaintances {
  private readonly clock: Clock;
  /** By inbox, the one that was met last at the end. */
  private readonly callers = new Map<string, { readonly reply: string; readonly at: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  meet(reply: string): void {
    const dot = reply.lastIndexOf(".");
    const inbox = dot < 0 ? reply : reply.slice(0, dot);
    if (inbox === "" || inbox.length > MAX_INBOX_LENGTH) return;
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

  private isRecent(at: number): boolean {
    return this.clock.now() - at <= KNOWN_MS + WAY_MS;
  }
}
