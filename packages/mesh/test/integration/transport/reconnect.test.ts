import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { NatsServer } from "../../../src/testing/nats-server.ts";
import { open, server, works } from "./connect.ts";
import { becomes, nextEvent, until } from "./waiting.ts";

const LAST = "last";

/** Signals take their time: waits until the server has really stopped. */
async function pause(nats: NatsServer): Promise<void> {
  nats.signal("SIGSTOP");
  await delay(50);
}

describe("a server that dies and comes back", () => {
  test("T5: what is published while it is away is sent, in order, once", async () => {
    const nats = await server();
    const transport = await open({ servers: nats.url });
    const got: string[] = [];
    transport.subscribe("news", ({ payload }) => got.push(Buffer.from(payload).toString()));
    await transport.flush();
    await nats.kill();
    await becomes(transport, "disconnected");
    for (let i = 0; i < 1_000; i++) transport.publish("news", Buffer.from(String(i)));
    await nats.restart();
    // Flushing waits for the connection, and for what waited for it.
    await transport.flush();
    expect(transport.status).toBe("connected");
    expect(got).toEqual(Array.from({ length: 1_000 }, (_, i) => String(i)));
  });

  test("T5: of an unbroken flow only what was on its way at the break may be missing", async () => {
    const nats = await server();
    const transport = await open({ servers: nats.url });
    const got: number[] = [];
    const sentWhileDown: number[] = [];
    let done = false;
    transport.subscribe("flow", ({ payload }) => {
      const text = Buffer.from(payload).toString();
      if (text === LAST) done = true;
      else got.push(Number(text));
    });
    await transport.flush();
    let next = 0;
    let flowing = true;
    const flow = (): void => {
      if (!flowing) return;
      if (transport.status === "disconnected") sentWhileDown.push(next);
      transport.publish("flow", Buffer.from(String(next++)));
      setImmediate(flow);
    };
    flow();
    await until(() => got.length > 100);
    const before = got.length;
    await nats.kill();
    await becomes(transport, "disconnected");
    await until(() => sentWhileDown.length > 100);
    await nats.restart();
    await becomes(transport, "connected");
    await until(() => got.length > before + sentWhileDown.length);
    flowing = false;
    transport.publish("flow", Buffer.from(LAST));
    await until(() => done);
    expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
    const arrived = new Set(got);
    expect(sentWhileDown.filter((number) => !arrived.has(number))).toEqual([]);
    const missing = Array.from({ length: next }, (_, i) => i).filter((number) => !arrived.has(number));
    const [firstMissing, lastMissing] = [missing[0] ?? 0, missing.at(-1) ?? 0];
    // One gap, which ends where the connection was seen to be down.
    if (missing.length > 0) expect(missing).toHaveLength(lastMissing - firstMissing + 1);
    expect(lastMissing).toBeLessThan(sentWhileDown[0] ?? 0);
  });

  test("T5: what waits is bounded; more is refused with an error", async () => {
    const nats = await server();
    const transport = await open({ servers: nats.url });
    await nats.kill();
    await becomes(transport, "disconnected");
    const payload = new Uint8Array(1_048_576);
    let taken = 0;
    const fill = (): void => {
      for (; taken < 1_000; taken++) transport.publish("x", payload);
    };
    expect(fill).toThrow(expect.objectContaining({ name: "MeshError", code: "unavailable" }) as Error);
    expect(taken).toBeGreaterThan(50);
    expect(taken).toBeLessThanOrEqual(64);
  });

  test("T6: the server's limit is still known while it is away", async () => {
    const nats = await server("max_payload: 2048");
    const transport = await open({ servers: nats.url });
    expect(transport.maxPayload).toBe(2_048);
    await nats.kill();
    await becomes(transport, "disconnected");
    await until(() => transport.status === "disconnected");
    expect(transport.maxPayload).toBe(2_048);
    expect(() => transport.publish("x", new Uint8Array(2_049))).toThrow(
      expect.objectContaining({ code: "too_large" }) as Error,
    );
  });

  test("the events are disconnected, then connected, once each, with the address", async () => {
    const nats = await server();
    const transport = await open({ servers: nats.url });
    const events: string[] = [];
    transport.onStatus(({ type, detail }) => events.push(`${type} ${detail}`));
    await nats.kill();
    await becomes(transport, "disconnected");
    await nats.restart();
    await becomes(transport, "connected");
    expect(events).toEqual([`disconnected 127.0.0.1:${nats.port}`, `connected 127.0.0.1:${nats.port}`]);
  });

  test("subscriptions made and left while it is away are made and left", async () => {
    const nats = await server();
    const transport = await open({ servers: nats.url });
    const heard: string[] = [];
    const leaving = transport.subscribe("a", () => heard.push("left"));
    const draining = transport.subscribe("a", () => heard.push("drained"));
    await transport.flush();
    await nats.kill();
    await becomes(transport, "disconnected");
    transport.subscribe("a", () => heard.push("new"));
    leaving.unsubscribe();
    const drained = draining.drain();
    await nats.restart();
    await becomes(transport, "connected");
    await drained;
    transport.publish("a", Buffer.from("x"));
    await transport.flush();
    expect(heard).toEqual(["new"]);
  });

  test("closing while it is away is quick, and tells what was never sent", async () => {
    const nats = await server();
    const transport = await open({ servers: nats.url });
    await nats.kill();
    await becomes(transport, "disconnected");
    const events: string[] = [];
    transport.onStatus(({ type, detail }) => events.push(`${type}: ${detail}`));
    transport.publish("x", Buffer.from("1"));
    transport.publish("x", Buffer.from("2"));
    const flushing = expect(transport.flush()).rejects.toMatchObject({ code: "unavailable" });
    const started = performance.now();
    await transport.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    await flushing;
    expect(events).toEqual([
      "error: 2 messages were never sent: the connection closed.",
      "closed: closed by this process",
    ]);
  });

  test("closing does not wait for a server that has stopped answering", async () => {
    const nats = await server();
    const transport = await open({ servers: nats.url });
    await pause(nats);
    const started = performance.now();
    await transport.close();
    expect(performance.now() - started).toBeLessThan(4_000);
    expect(transport.status).toBe("closed");
    nats.signal("SIGCONT");
  });

  test("a flush under way when it dies is rejected, for nobody knows what arrived", async () => {
    const nats = await server();
    const transport = await open({ servers: nats.url });
    await pause(nats);
    const flushing = expect(transport.flush()).rejects.toMatchObject({
      name: "MeshError",
      code: "unavailable",
      message: expect.stringContaining("may be lost") as string,
    });
    await nats.kill();
    await flushing;
  });

  test("a server that refuses the credentials for a while does not end the connection", async () => {
    const nats = await server("authorization { user: bob, password: right }");
    const transport = await open({ servers: nats.url, user: "bob", pass: "right" });
    await nats.kill();
    nats.configure("authorization { user: bob, password: other }");
    await nats.restart();
    await until(() => (nats.log.match(/authentication error/g)?.length ?? 0) >= 4);
    await nats.kill();
    nats.configure("authorization { user: bob, password: right }");
    await nats.restart();
    await becomes(transport, "connected");
    expect(await works(transport)).toBe(true);
  });

  test("a server that is about to leave says so", async () => {
    const nats = await server();
    const transport = await open({ servers: nats.url });
    const warned = nextEvent(transport, "lame_duck");
    nats.signal("SIGUSR2");
    expect(await warned).toEqual({ type: "lame_duck", detail: `127.0.0.1:${nats.port}` });
    expect(transport.status).toBe("connected");
  });
});
