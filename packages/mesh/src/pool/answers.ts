import { LRUCache } from "lru-cache";
import type { Encoding } from "../protocol/body.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import type { FrameInbound } from "./frame-inbound.ts";

/** An answer as it was sent. */
export interface Answer {
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
  readonly metadata?: ReplyMetadata | undefined;
}

const WINDOW_MS = 60_000;
const MAX_BYTES = 16 * 1_048_576;
/** A larger answer is not kept: the work is done again. */
const MAX_ANSWER_BYTES = 262_144;
/** What an answer counts beside its bytes: it bounds their number, to 16,384. */
const OVERHEAD_BYTES = 1_024;
/** So many answers later, or after a window, those whose time is up are let go of: the cache itself does so when it is full. */
const TIDY_EVERY = 1_024;

/**
 * What a replica remembers of requests that may come again under the same key: those whose caller named a key, and those
 * that were held for so long that their caller may have thought them lost.
 *
 * K1: a key that comes again while its work runs joins it; one that comes again within a minute of its answer gets that
 *     answer, unless it was a degraded one. The handler runs once.
 * K2: what is remembered is bounded by count, bytes and time.
 */
export class Answers {
  private readonly running = new Map<string, FrameInbound>();
  /** Made when there is something to remember: most replicas never hold a request for long. */
  private given: LRUCache<string, Answer> | undefined;
  private untilTidy = TIDY_EVERY;
  private tidyAt = 0;

  begin(key: string, inbound: FrameInbound): void {
    this.running.set(key, inbound);
  }

  end(key: string, inbound: FrameInbound): void {
    if (this.running.get(key) === inbound) this.running.delete(key);
  }

  remember(key: string, { bytes, ...answer }: Answer): void {
    // K2
    if (bytes.length > MAX_ANSWER_BYTES) return;
    // The bytes are a view of the encoder's buffer.
    this.memory.set(key, { ...answer, bytes: Uint8Array.from(bytes) });
    const now = performance.now();
    if (--this.untilTidy > 0 && now < this.tidyAt) return;
    this.untilTidy = TIDY_EVERY;
    this.tidyAt = now + WINDOW_MS;
    this.memory.purgeStale();
  }

  /** True when the request needs no work of its own: it has been answered, or will be with another. */
  absorb(key: string, inbound: FrameInbound): boolean {
    // K1
    const running = this.running.get(key);
    if (running) {
      running.join(inbound);
      return true;
    }
    const answer = this.given?.get(key);
    if (answer) inbound.repeat(answer);
    return answer !== undefined;
  }

  private get memory(): LRUCache<string, Answer> {
    // Without `max`, which would set room for all of them aside at once.
    return (this.given ??= new LRUCache({
      maxSize: MAX_BYTES,
      maxEntrySize: MAX_ANSWER_BYTES + OVERHEAD_BYTES,
      sizeCalculation: ({ bytes }) => bytes.length + OVERHEAD_BYTES,
      ttl: WINDOW_MS,
    }));
  }
}
