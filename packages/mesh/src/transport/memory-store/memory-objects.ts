import type { Clock } from "../../clock.ts";
import type { Keeping, Objects } from "../store.ts";
import { MemoryBucket } from "./memory-bucket.ts";

/** Large values in memory. */
export class MemoryObjects implements Objects {
  private readonly values: MemoryBucket;

  constructor(clock: Clock, options: Keeping) {
    this.values = new MemoryBucket(clock, options, Infinity);
  }

  async put(name: string, value: Uint8Array): Promise<void> {
    await this.values.put(name, value);
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return (await this.values.get(name))?.value;
  }

  async delete(name: string): Promise<void> {
    await this.values.delete(name);
  }
}
