import { afterAll, beforeAll, describe } from "vitest";
import { connectNats } from "../../../src/transport/nats.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";
import { transportContract } from "./contract.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ config: "max_payload: 65536" });
});
afterAll(() => server.stop());

describe("the NATS transport", () => {
  transportContract(() => connectNats({ servers: server.url }));
});
