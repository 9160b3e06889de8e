import { buckets } from "./buckets.ts";
import type { StoreUnderTest } from "./harness.ts";
import { objects } from "./objects.ts";
import { queues } from "./queues.ts";

/** What every store must do. Run it once for each implementation. */
export function storeContract(store: StoreUnderTest): void {
  buckets(store);
  objects(store);
  queues(store);
}
