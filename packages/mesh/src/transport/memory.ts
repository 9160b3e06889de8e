import type { Clock } from "../clock.ts";
import { type MemoryExchange, MemoryTransport } from "./memory-transport.ts";
import type { MemoryInterest } from "./memory-interest.ts";
import { MemoryMessage } from "./memory-message.ts";
import { subjectMatches } from "./subject-match.ts";
import { MemoryStore } from "./memory-store/memory-store.ts";
import type { Store } from "./store.ts";
import type { Transport } from "./transport.ts";

/**
 * One in-process message system; every transport made from it is a connection to it. It routes as nats-server does,
 * which the transports' contract tests hold it to.
 */
export class MemoryBroker implements MemoryExchange {
  readonly maxPayload: number;
  readonly store: Store;
  private readonly exact = new Map<string, Set<MemoryInterest>>();
  private readonly wild = new Set<MemoryInterest>();
  private queue: (() => void)[] = [];
  private scheduled = false;
  private readonly random: () => number;

  /**
   * @param options.maxPayload bytes of the largest message, headers included. Default 1 MiB, as in NATS
   * @param options.random picks a member of a queue group: 0 to 1. Tests bring their own
   * @param options.clock for what is kept for a while. Tests bring their own
   */
  constructor(options: { maxPayload?: number; random?: () => number; clock?: Clock } = {}) {
    this.maxPayload = options.maxPayload ?? 1_048_576;
    this.random = options.random ?? Math.random;
    this.store = new MemoryStore(options.clock, this.maxPayload);
  }

  connect(): Transport {
    return new MemoryTransport(this);
  }

  add(interest: MemoryInterest): void {
    if (/[*>]/.test(interest.subject)) this.wild.add(interest);
    else {
      const set = this.exact.get(interest.subject) ?? new Set();
      this.exact.set(interest.subject, set.add(interest));
    }
  }

  remove(interest: MemoryInterest): void {
    this.wild.delete(interest);
    const set = this.exact.get(interest.subject);
    set?.delete(interest);
    if (set?.size === 0) this.exact.delete(interest.subject);
  }

  send(message: MemoryMessage, sender: object): void {
    const matching = this.matching(message.subject);
    for (const target of this.choose(matching)) this.deliver(target, message);
    if (matching.length === 0 && message.reply) this.sayNobody(message.reply, sender);
  }

  settled(): Promise<void> {
    return new Promise((resolve) => this.later(resolve));
  }

  /** The server tells the sender alone, and a plain subscription of it. */
  private sayNobody(reply: string, sender: object): void {
    const target = this.matching(reply).find(({ owner, group }) => owner === sender && group === undefined);
    if (target) this.deliver(target, new MemoryMessage(reply, "", new Uint8Array(0), [], true));
  }

  private matching(subject: string): MemoryInterest[] {
    const matching = [...(this.exact.get(subject) ?? [])];
    for (const interest of this.wild) {
      if (subject.startsWith(interest.prefix) && subjectMatches(interest.subject, subject))
        matching.push(interest);
    }
    return matching;
  }

  private deliver(target: MemoryInterest, message: MemoryMessage): void {
    const copy = message.copy();
    this.later(() => {
      if (target.open) target.receive(copy);
    });
  }

  private later(step: () => void): void {
    this.queue.push(step);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.run);
  }

  private readonly run = (): void => {
    const batch = this.queue;
    this.queue = [];
    this.scheduled = false;
    for (const step of batch) step();
  };

  /** Every plain subscription, and one of each group, whatever the subjects by which its members match. */
  private choose(matching: readonly MemoryInterest[]): MemoryInterest[] {
    const groups = new Map<string, MemoryInterest[]>();
    const chosen: MemoryInterest[] = [];
    for (const interest of matching) {
      if (interest.group === undefined) chosen.push(interest);
      else groups.set(interest.group, [...(groups.get(interest.group) ?? []), interest]);
    }
    for (const group of groups.values()) {
      const pick = group[Math.floor(this.random() * group.length)];
      if (pick) chosen.push(pick);
    }
    return chosen;
  }
}
