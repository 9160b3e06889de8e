import { type NatsConnection, type NatsError, connect } from "nats";
import { describe, expect, onTestFinished, test } from "vitest";
import { overNatsConnection } from "../../../src/transport/nats.ts";
import { server, works } from "./connect.ts";
import { becomes, until } from "./waiting.ts";

async function given(servers: string, options: object = {}): Promise<NatsConnection> {
  const connection = await connect({
    servers,
    reconnectTimeWait: 30,
    reconnectJitter: 0,
    maxReconnectAttempts: -1,
    ...options,
  });
  onTestFinished(() => connection.close());
  return connection;
}

describe("a connection that the app has already", () => {
  test("works, and stays open with the app's own subscriptions when the transport closes", async () => {
    const { url } = await server();
    const connection = await given(url);
    const heard: string[] = [];
    connection.subscribe("app", { callback: (_: NatsError | null, msg) => void heard.push(msg.string()) });
    const transport = overNatsConnection(connection);
    expect(await works(transport)).toBe(true);
    let late = 0;
    transport.subscribe("app", () => late++);
    transport.publish("app", Buffer.from("before"));
    await transport.close();
    expect(transport.status).toBe("closed");
    expect(connection.isClosed()).toBe(false);
    const seen = late;
    connection.publish("app", "after");
    await connection.flush();
    expect(heard).toEqual(["before", "after"]);
    expect(late).toBe(seen);
  });

  test("its inbox prefix is used", async () => {
    const { url } = await server();
    const connection = await given(url, { inboxPrefix: "_INBOX_app" });
    expect(overNatsConnection(connection).newInbox()).toMatch(/^_INBOX_app\./);
  });

  test("the app closing it closes the transport", async () => {
    const { url } = await server();
    const connection = await given(url);
    const transport = overNatsConnection(connection);
    const closed = becomes(transport, "closed");
    await connection.close();
    await closed;
    expect(() => transport.publish("x", Buffer.from("x"))).toThrow(/closed/);
    await transport.close();
  });

  test("one that is closed is refused", async () => {
    const { url } = await server();
    const connection = await given(url);
    await connection.close();
    expect(() => overNatsConnection(connection)).toThrow(
      expect.objectContaining({ code: "unavailable" }) as Error,
    );
  });

  test("T5: one that is down when it is given is known to be down", async () => {
    const nats = await server();
    const connection = await given(nats.url);
    await nats.kill();
    await until(() => connection.info === undefined);
    const transport = overNatsConnection(connection);
    expect(transport.status).toBe("disconnected");
    let heard = 0;
    transport.subscribe("x", () => heard++);
    transport.publish("x", Buffer.from("x"));
    await nats.restart();
    await transport.flush();
    expect(heard).toBe(1);
  });
});
