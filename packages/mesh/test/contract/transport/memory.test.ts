import { describe } from "vitest";
import { MemoryBroker } from "../../../src/transport/memory.ts";
import { transportContract } from "./contract.ts";

const broker = new MemoryBroker({ maxPayload: 65_536 });

describe("the in-process transport", () => {
  transportContract(() => Promise.resolve(broker.connect()));
});
