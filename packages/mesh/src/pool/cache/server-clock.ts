import type { Clock } from "../../clock.ts";
import type { Bucket } from "../../transport/store.ts";

/** A server's clock may be set, and another server may take over. */
const TRUSTED_MS = 60_000;
const KEPT_MS = 1_000;

/**
 * What time the server has: entries say when they were written by that clock, and no other that two machines share goes
 * alike. Never behind: an answer is rather taken for older than it is.
 */
export class ServerClock {
  private readonly clock: Clock;
  private readonly bucket: Bucket;
  private readonly key: string;
  /** Milliseconds by which it is ahead of the monotonic clock. */
  private ahead: { readonly ms: Promise<number>; readonly until: number } | undefined;

  /** @param key of an entry that nobody else writes */
  constructor(clock: Clock, bucket: Bucket, key: string) {
    this.clock = clock;
    this.bucket = bucket;
    this.key = key;
  }

  /** Milliseconds since 1970. @throws MeshError as a bucket does */
  async now(): Promise<number> {
    const { clock } = this;
    if (!this.ahead || clock.now() >= this.ahead.until)
      this.ahead = { ms: this.measured(), until: clock.now() + TRUSTED_MS };
    try {
      const aheadMs = await this.ahead.ms;
      return clock.now() + aheadMs;
    } catch (error) {
      this.ahead = undefined;
      throw error;
    }
  }

  /** By when the server has written something that is sent now. */
  private async measured(): Promise<number> {
    for (;;) {
      const before = this.clock.now();
      await this.bucket.put(this.key, new Uint8Array(0), { ttlMs: KEPT_MS });
      const entry = await this.bucket.get(this.key);
      if (entry) return entry.writtenAt - before;
    }
  }
}
