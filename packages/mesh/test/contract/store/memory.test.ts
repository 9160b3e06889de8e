import { describe } from "vitest";
import { MemoryStore } from "../../../src/transport/memory-store/memory-store.ts";
import { turns } from "../../support/actor-fixture.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { storeContract } from "./contract.ts";

const clock = new ManualClock();
const store = new MemoryStore(clock);

describe("the in-process store", () => {
  storeContract({
    open: () => Promise.resolve(store),
    async pass(ms) {
      for (let left = ms; left > 0; left -= 50) {
        clock.advance(Math.min(50, left));
        await turns(3);
      }
    },
  });
});
