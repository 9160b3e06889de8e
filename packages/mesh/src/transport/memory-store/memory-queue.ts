import type { Clock } from "../../clock.ts";
import { MeshError } from "../../errors.ts";
import type { AddOptions, Added, Queue, QueueOptions, QueueWorker, Queued, WorkerOptions } from "../store.ts";
import { MemoryDelivery, type Waiting } from "./memory-delivery.ts";
import { MemoryWorker } from "./memory-worker.ts";

const DUPLICATE_WINDOW_MS = 120_000;

/** A queue in memory. */
export class MemoryQueue implements Queue {
  private readonly clock: Clock;
  private readonly options: QueueOptions;
  private readonly waiting = new Map<number, Waiting>();
  private readonly ids = new Map<string, number>();
  private readonly workers = new Set<MemoryWorker>();
  private last = 0;

  constructor(clock: Clock, options: QueueOptions) {
    this.clock = clock;
    this.options = options;
  }

  async add(subject: string, payload: Uint8Array, { headers = {}, id }: AddOptions = {}): Promise<Added> {
    const known = id === undefined ? undefined : this.ids.get(id);
    if (known !== undefined) return { sequence: known, isDuplicate: true };
    this.checkRoom(subject);
    const sequence = ++this.last;
    if (id !== undefined) this.remember(id, sequence);
    const names = Object.entries({ ...headers, ...(id === undefined ? {} : { "Nats-Msg-Id": id }) });
    this.waiting.set(sequence, {
      subject,
      payload: Uint8Array.from(payload),
      sequence,
      queuedAt: this.clock.now(),
      header: (name) => names.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1],
      deliveries: 0,
      notBefore: 0,
    });
    this.serve();
    return { sequence, isDuplicate: false };
  }

  remove(sequence: number): Promise<boolean> {
    return Promise.resolve(this.waiting.delete(sequence));
  }

  get(sequence: number): Promise<Queued | undefined> {
    return Promise.resolve(this.waiting.get(sequence));
  }

  async *messages(): AsyncGenerator<Queued> {
    for (const sequence of Array.from(this.waiting.keys())) {
      const each = await this.get(sequence);
      if (each) yield each;
    }
  }

  worker(_name: string, options: WorkerOptions): Promise<QueueWorker> {
    const worker = new MemoryWorker(
      options,
      () => this.serve(),
      () => this.workers.delete(worker),
    );
    this.workers.add(worker);
    return Promise.resolve(worker);
  }

  private checkRoom(subject: string): void {
    const { maxMessages = Infinity, maxMessagesPerSubject = Infinity } = this.options;
    const same = [...this.waiting.values()].filter((each) => each.subject === subject);
    if (this.waiting.size < maxMessages && same.length < maxMessagesPerSubject) return;
    throw new MeshError("overloaded", `adding to ${subject}: maximum messages exceeded.`);
  }

  private remember(id: string, sequence: number): void {
    this.ids.set(id, sequence);
    this.clock.after(this.options.duplicateWindowMs ?? DUPLICATE_WINDOW_MS, () => this.ids.delete(id));
  }

  private serve(): void {
    const now = this.clock.now();
    for (const each of this.waiting.values()) {
      if (each.notBefore > now) continue;
      const worker = [...this.workers].find((any) => any.wants(each.subject));
      if (worker) this.give(each, worker);
    }
  }

  private give(each: Waiting, worker: MemoryWorker): void {
    each.deliveries++;
    this.hide(each, worker.ackWaitMs);
    worker.take(
      new MemoryDelivery(each, {
        done: () => this.waiting.delete(each.sequence),
        again: (afterMs) => this.hide(each, afterMs),
        working: () => this.hide(each, worker.ackWaitMs),
      }),
    );
  }

  /** T10: nobody else gets it for so long. */
  private hide(each: Waiting, forMs: number): void {
    const until = this.clock.now() + forMs;
    each.notBefore = until;
    this.clock.after(forMs, () => {
      if (each.notBefore === until && this.waiting.has(each.sequence)) this.serve();
    });
  }
}
