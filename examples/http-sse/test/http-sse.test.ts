import { setTimeout as sleep } from "node:timers/promises";
import { type AddressInfo } from "node:net";
import { once } from "node:events";
import { serve } from "@hono/node-server";
import { type Mesh, connect, implement } from "@shoal/mesh";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";
import { createApp } from "../src/app.ts";
import { storyteller as contract } from "../src/storyteller.contract.ts";
import { storyteller } from "../src/storyteller.ts";

let nats: NatsServer;
let agents: Mesh;
let client: Mesh;
let http: ReturnType<typeof serve>;
let url: string;

beforeAll(async () => {
  nats = await startNatsServer();
  agents = await connect({ servers: nats.url, node: "agents" });
  client = await connect({ servers: nats.url, name: "http" });
  http = serve({ fetch: createApp(client).fetch, port: 0, hostname: "127.0.0.1" });
  await once(http, "listening");
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterAll(async () => {
  http.close();
  await client.close();
  await agents.close();
  await nats.stop();
});

it("GET / is the page", async () => {
  const response = await fetch(url);
  expect(response.headers.get("content-type")).toContain("text/html");
  expect(await response.text()).toContain("<form>");
});

it("an answer comes as chunks, one after another, and then `done`", async () => {
  const serving = await agents.serve(storyteller);
  const response = await fetch(`${url}/ask?q=a%20heron`);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const events = eventsOf(await response.text());
  expect(events.pop()).toEqual({ event: "done", data: "" });
  expect(events.length).toBeGreaterThan(20);
  expect(events.map(({ data }) => data).join("")).toContain("Once there was a heron, alone");
  await serving.stop();
});

it("a browser that leaves cancels the agent", async () => {
  const cancelled = Promise.withResolvers<number>();
  const endless = implement(contract, {
    methods: {
      async *tell(_input, ctx) {
        ctx.signal.addEventListener("abort", () => cancelled.resolve(performance.now()));
        for (;;) {
          yield "more ";
          await sleep(5, undefined, { signal: ctx.signal });
        }
      },
    },
  });
  const serving = await agents.serve(endless);
  const leave = new AbortController();
  const response = await fetch(`${url}/ask?q=anything`, { signal: leave.signal });
  await response.body?.getReader().read();
  const leftAt = performance.now();
  leave.abort();
  expect((await cancelled.promise) - leftAt).toBeLessThan(1_000);
  await expect.poll(() => serving.load.running).toBe(0);
  await serving.stop();
});

it("errors are an event that says what happened", async () => {
  const serving = await agents.serve(storyteller);
  const response = await fetch(`${url}/ask?q=`);
  const [error] = eventsOf(await response.text());
  expect(error?.event).toBe("error");
  expect(JSON.parse(error?.data ?? "")).toMatchObject({ code: "bad_request", retryable: false });
  await serving.stop();
});

it("nobody there is an event too", async () => {
  const response = await fetch(`${url}/ask?q=anything`);
  const [error] = eventsOf(await response.text());
  expect(JSON.parse(error?.data ?? "")).toMatchObject({ code: "unavailable", retryable: true });
});

function eventsOf(body: string): { event: string; data: string }[] {
  const blocks = body.split("\n\n").filter((block) => block !== "");
  return blocks.map((block) => ({
    event: /^event: (.*)$/m.exec(block)?.[1] ?? "message",
    data: /^data: (.*)$/m.exec(block)?.[1] ?? "",
  }));
}
