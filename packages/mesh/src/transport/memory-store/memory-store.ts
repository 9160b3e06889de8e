import { type Clock, systemClock } from "../../clock.ts";
import { MeshError } from "../../errors.ts";
import type { Bucket, Keeping, Objects, Queue, QueueOptions, Store } from "../store.ts";
import { MemoryBucket } from "./memory-bucket.ts";
import { MemoryObjects } from "./memory-objects.ts";
import { MemoryQueue } from "./memory-queue.ts";

/** What an in-process mesh keeps: gone with the process. */
export class MemoryStore implements Store {
  readonly largest: number;
  private readonly clock: Clock;
  private readonly buckets = new Map<string, MemoryBucket>();
  private readonly objectStores = new Map<string, MemoryObjects>();
  private readonly queues = new Map<string, MemoryQueue>();

  /** @param largest bytes of the largest value */
  constructor(clock: Clock = systemClock, largest = 1_048_576) {
    this.clock = clock;
    this.largest = largest;
  }

  now(): number {
    return this.clock.now();
  }

  async bucket(name: string, options?: Keeping): Promise<Bucket> {
    return made(this.buckets, name, options && (() => new MemoryBucket(this.clock, options, this.largest)));
  }

  async objects(name: string, options?: Keeping): Promise<Objects> {
    return made(this.objectStores, name, options && (() => new MemoryObjects(this.clock, options)));
  }

  async queue(name: string, options?: QueueOptions): Promise<Queue> {
    return made(this.queues, name, options && (() => new MemoryQueue(this.clock, options)));
  }
}

/** @throws MeshError `not_found` */
function made<T>(all: Map<string, T>, name: string, make: (() => T) | undefined): T {
  const known = all.get(name) ?? make?.();
  if (!known) throw new MeshError("not_found", `opening ${name}: it is not there.`);
  all.set(name, known);
  return known;
}
