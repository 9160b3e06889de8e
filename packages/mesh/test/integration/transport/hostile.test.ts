import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { Message } from "../../../src/transport/transport.ts";
import { open, server, works } from "./connect.ts";
import { nextEvent, until } from "./waiting.ts";

describe("what others may send, and may forbid", () => {
  test("headers that cannot be read cost the message nothing but its headers", async () => {
    const { url, port } = await server();
    const transport = await open({ servers: url });
    const got: Message[] = [];
    transport.subscribe("x", (message) => got.push(message));
    await transport.flush();
    const socket = connect(port, "127.0.0.1");
    await once(socket, "data");
    const headers = "NATS/1.0\r\nbad key: 1\r\n\r\n";
    socket.write(
      `CONNECT {"headers":true}\r\nHPUB x r ${headers.length} ${headers.length + 2}\r\n${headers}hi\r\n`,
    );
    await until(() => got.length > 0);
    socket.destroy();
    const [message] = got;
    expect(message).toMatchObject({ hasHeaders: false, noResponders: false, reply: "r" });
    expect(message?.header("bad key")).toBeUndefined();
    expect(Buffer.from(message?.payload ?? []).toString()).toBe("hi");
    expect(await works(transport)).toBe(true);
  });

  test("a forbidden publish or subscription is an event that names it, and ends nothing", async () => {
    const { url } = await server(
      'authorization { users: [{ user: u, password: p, permissions: { publish: ["works", "ok"], subscribe: ["works", "ok", "_INBOX.>"] } }] }',
    );
    const transport = await open({ servers: url, user: "u", pass: "p" });
    const publishing = nextEvent(transport, "error");
    transport.publish("secret.out", Buffer.from("x"));
    await transport.flush();
    expect((await publishing).detail).toMatch(/PERMISSIONS_VIOLATION: publish of secret\.out/);
    const subscribing = nextEvent(transport, "error");
    const forbidden = transport.subscribe("secret.in", () => {});
    await transport.flush();
    expect((await subscribing).detail).toMatch(/PERMISSIONS_VIOLATION: subscription of secret\.in/);
    await forbidden.drain();
    forbidden.unsubscribe();
    expect(transport.status).toBe("connected");
    expect(await works(transport)).toBe(true);
  });
});
