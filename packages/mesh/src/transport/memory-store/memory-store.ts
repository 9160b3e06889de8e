import { type Clock, systemClock } from "../../clock.ts";
import type { Bucket, Keeping, Objects, Queue, QueueOptions, Store } from "../store.ts";
import { MemoryBucket } from "./memory-bucket.ts";
import { MemoryObjects } from "./memory-objects.ts";
import { MemoryQueue } from "./memory-queue.ts";

/** What an in-process mesh keeps: gone with the process. */
export class MemoryStore implements Store {
  private readonly clock: Clock;
  private readonly buckets = new Map<string, MemoryBucket>();
  private readonly objectStores = new Map<string, MemoryObjects>();
  private readonly queues = new Map<string, MemoryQueue>();

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
  }

  bucket(name: string, options: Keeping = {}): Promise<Bucket> {
    return Promise.resolve(made(this.buckets, name, () => new MemoryBucket(this.clock, options)));
  }

  objects(name: string, options: Keeping = {}): Promise<Objects> {
    return Promise.resolve(made(this.objectStores, name, () => new MemoryObjects(this.clock, options)));
  }

  queue(name: string, options: QueueOptions): Promise<Queue> {
    return Promise.resolve(made(this.queues, name, () => new MemoryQueue(this.clock, options)));
  }
}

function made<T>(all: Map<string, T>, name: string, make: () => T): T {
  const known = all.get(name) ?? make();
  all.set(name, known);
  return known;
}
