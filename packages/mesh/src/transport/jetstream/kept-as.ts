import { DiscardPolicy, type StreamConfig, StorageType, nanos } from "nats";
import type { Keeping } from "../store.ts";

/** How a stream is kept, in JetStream's words. What does not fit in is refused: nothing makes room for it unasked. */
export function keptAs({ replicas = 1, maxBytes, ttlMs, inMemory = false }: Keeping): Partial<StreamConfig> {
  return {
    num_replicas: replicas,
    max_bytes: maxBytes ?? -1,
    max_age: ttlMs === undefined ? 0 : nanos(ttlMs),
    storage: inMemory ? StorageType.Memory : StorageType.File,
    discard: DiscardPolicy.New,
  };
}
