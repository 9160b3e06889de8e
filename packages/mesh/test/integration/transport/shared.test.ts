import { describe, expect, onTestFinished, test, vi } from "vitest";
import { leaseNats } from "../../../src/transport/shared.ts";
import { server, works } from "./connect.ts";
import { becomes } from "./waiting.ts";

describe("one connection for a process", () => {
  test("users with the same options share it, however the options are ordered; the last one closes it", async () => {
    const { url } = await server();
    const [a, b] = await Promise.all([
      leaseNats({ servers: url, name: "x" }),
      leaseNats({ name: "x", servers: url }),
    ]);
    expect(a.transport).toBe(b.transport);
    await a.release();
    await a.release();
    expect(b.transport.status).toBe("connected");
    expect(await works(b.transport)).toBe(true);
    await b.release();
    expect(b.transport.status).toBe("closed");
  });

  test("who comes after the last one gets a new one", async () => {
    const { url } = await server();
    const a = await leaseNats({ servers: url });
    const releasing = a.release();
    const b = await leaseNats({ servers: url });
    await releasing;
    expect(b.transport).not.toBe(a.transport);
    expect(await works(b.transport)).toBe(true);
    await b.release();
  });

  test("other options, another connection", async () => {
    const { url } = await server();
    const a = await leaseNats({ servers: url });
    const b = await leaseNats({ servers: url, name: "other" });
    expect(a.transport).not.toBe(b.transport);
    await Promise.all([a.release(), b.release()]);
  });

  test("options that cannot be compared are never shared", async () => {
    const { url } = await server();
    const reconnectDelayHandler = (): number => 10;
    const a = await leaseNats({ servers: url, reconnectDelayHandler });
    const b = await leaseNats({ servers: url, reconnectDelayHandler });
    expect(a.transport).not.toBe(b.transport);
    await Promise.all([a.release(), b.release()]);
  });

  test("no options mean NATS_URL as it is at the time", async () => {
    const [one, two] = [await server(), await server()];
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv("NATS_URL", one.url);
    const a = await leaseNats({});
    vi.stubEnv("NATS_URL", two.url);
    const b = await leaseNats({});
    expect(a.transport).not.toBe(b.transport);
    await Promise.all([a.release(), b.release()]);
  });

  test("a failed connect fails everybody who waits for it, and nobody after", async () => {
    const nats = await server();
    await nats.kill();
    const options = { servers: nats.url };
    const results = await Promise.allSettled([leaseNats(options), leaseNats(options)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await nats.restart();
    const lease = await leaseNats(options);
    expect(await works(lease.transport)).toBe(true);
    await lease.release();
  });

  test("letting go while the server is away does not wait for it", async () => {
    const nats = await server();
    const [a, b] = await Promise.all([leaseNats({ servers: nats.url }), leaseNats({ servers: nats.url })]);
    await nats.kill();
    await becomes(a.transport, "disconnected");
    await a.release();
    await b.release();
    expect(b.transport.status).toBe("closed");
  });
});
