import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { connectNats } from "../../../src/transport/nats.ts";
import type { Store } from "../../../src/transport/store.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";
import { storeContract } from "./contract.ts";
import { bytes, textOf } from "./harness.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});
afterAll(() => server.stop());

async function open(url = server.url): Promise<Store> {
  const transport = await connectNats({ servers: url });
  onTestFinished(() => transport.close());
  return transport.store;
}

describe("the store of JetStream", () => {
  storeContract({ open, pass: (ms) => delay(ms) });

  test("how it is kept can be changed, and what is there stays", async () => {
    const store = await open();
    const bucket = await store.bucket("changed", {});
    await bucket.put("x", bytes("1"));
    const again = await store.bucket("changed", { ttlMs: 3_600_000, maxBytes: 1_000_000 });
    expect(textOf((await again.get("x"))?.value)).toBe("1");
  });

  test("a server without JetStream is an error that says so", async () => {
    const plain = await startNatsServer();
    onTestFinished(() => plain.stop());
    const store = await open(plain.url);
    await expect(store.bucket("x", {})).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("JetStream") as string,
    });
  });
});
