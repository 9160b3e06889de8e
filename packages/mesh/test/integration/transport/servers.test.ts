import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startNatsServer } from "../../../src/testing/nats-server.ts";
import { open, server, works } from "./connect.ts";
import { becomes } from "./waiting.ts";

/** A port where nobody listens: one that was free a moment ago. */
async function deadPort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  listener.close();
  await once(listener, "close");
  return port;
}

describe("servers", () => {
  test("nothing there is `unavailable`, with the address and what to do", async () => {
    const servers = `nats://127.0.0.1:${await deadPort()}`;
    await expect(open({ servers })).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      message: expect.stringMatching(`NATS at ${servers} cannot be reached.*shoal up`) as string,
    });
  });

  test("something that is silent is `unavailable` within the timeout", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const started = performance.now();
    await expect(open({ port, timeout: 200 })).rejects.toMatchObject({ code: "unavailable" });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test("`wait` waits for the first connect", async () => {
    const port = await deadPort();
    const connecting = open({ servers: `127.0.0.1:${port}`, wait: true, reconnectTimeWait: 20 });
    const first = await Promise.race([
      connecting,
      new Promise((resolve) => setTimeout(resolve, 150, "waiting")),
    ]);
    expect(first).toBe("waiting");
    const late = await startNatsServer({ port });
    onTestFinished(() => late.stop());
    expect(await works(await connecting)).toBe(true);
  });

  test("a port alone, a list, a list in one string, and NATS_URL", async () => {
    const { port, url } = await server();
    const dead = `127.0.0.1:${await deadPort()}`;
    expect(await works(await open({ port }))).toBe(true);
    expect(await works(await open({ servers: [dead, url] }))).toBe(true);
    expect(await works(await open({ servers: `${dead}, ${url}` }))).toBe(true);
    vi.stubEnv("NATS_URL", `${dead},${url}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await works(await open({}))).toBe(true);
  });

  test("when one server dies the connection goes to another", async () => {
    const first = await server();
    const second = await server();
    const transport = await open({ servers: [first.url, second.url], noRandomize: true });
    await first.kill();
    await becomes(transport, "disconnected");
    await becomes(transport, "connected");
    expect(await works(transport)).toBe(true);
  });

  test("undefined options are as if they were not there", async () => {
    const { url } = await server();
    const options = { servers: url, timeout: undefined, user: undefined, inboxPrefix: undefined };
    expect(await works(await open(options as unknown as { servers: string }))).toBe(true);
  });
});
