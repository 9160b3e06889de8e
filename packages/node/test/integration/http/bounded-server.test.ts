import { once } from "node:events";
import { request } from "node:http";
import { type Socket, connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, BoundedServer, type Page } from "../../../src/http/bounded-server.ts";

const failures: unknown[] = [];
const hello: Answer = { status: 200, type: "text/plain", body: "hello\n" };

async function serve(
  pages: Readonly<Record<string, Page>> = { "/hello": () => hello },
  patienceMs: number = 300,
): Promise<BoundedServer> {
  const server = await BoundedServer.listen({
    host: "127.0.0.1",
    port: 0,
    patienceMs,
    pages: new Map(Object.entries(pages)),
    onError: (path, error) => failures.push([path, error]),
  });
  onTestFinished(() => server.close());
  return server;
}

async function socketTo({ url }: BoundedServer): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => void socket.resume().once("close", resolve));
}

test("what is there is given, by GET and by HEAD, with and without a query", async () => {
  const { url } = await serve();
  const answer = await fetch(`${url}/hello?x=1`);
  expect([answer.status, await answer.text()]).toEqual([200, "hello\n"]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("connection")).toBe("close");
  const head = await fetch(`${url}/hello`, { method: "HEAD" });
  expect([head.status, await head.text(), head.headers.get("content-length")]).toEqual([200, "", "6"]);
});

test("what is not there says what is", async () => {
  const { url } = await serve();
  const answer = await fetch(`${url}/helo`);
  expect([answer.status, await answer.text()]).toEqual([404, "there is /hello\n"]);
});

test("HE1: other methods, and bodies, are refused", async () => {
  const { url } = await serve();
  const posted = await fetch(`${url}/hello`, { method: "DELETE" });
  expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  // A body that never ends is not waited for.
  const endless = request(`${url}/hello`, { method: "POST", headers: { "transfer-encoding": "chunked" } });
  endless.on("error", () => {}).write("x");
  const [response] = (await once(endless, "response")) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(413);
});

test("HE1: a page that fails is 500, and told; the next one is served", async () => {
  const error = new Error("broken");
  const { url } = await serve({ "/bad": () => Promise.reject(error), "/hello": () => hello });
  expect((await fetch(`${url}/bad`)).status).toBe(500);
  expect(failures).toEqual([["/bad", error]]);
  expect((await fetch(`${url}/hello`)).status).toBe(200);
});

test("HE1: a request that does not come, and a connection that does nothing, are given up", async () => {
  const server = await serve();
  const [idle, slow] = await Promise.all([socketTo(server), socketTo(server)]);
  slow.write("GET /hello HTTP/1.1\r\n");
  await Promise.all([idle, slow].map(closed));
});

test(
  "HE1: more connections than it takes are closed, and the others served",
  { timeout: 5_000 },
  async () => {
    const server = await serve();
    const sockets = await Promise.all(Array.from({ length: 64 }, () => socketTo(server)));
    const more = await socketTo(server);
    await closed(more);
    const [first] = sockets;
    first?.write("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n");
    const [data] = (await once(first!, "data")) as [Buffer];
    expect(data.toString()).toContain("200 OK");
  },
);

test("HE2: it ends at once, whoever is connected", { timeout: 5_000 }, async () => {
  const server = await serve({ "/never": () => new Promise<Answer>(() => {}) }, 60_000);
  const waiting = fetch(`${server.url}/never`).catch((error: unknown) => error);
  const idle = await socketTo(server);
  const gone = closed(idle);
  server.close();
  await gone;
  expect(await waiting).toBeInstanceOf(Error);
  server.close();
});

test("a port that is taken is an error with its code", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  const failed = BoundedServer.listen({ host: "127.0.0.1", port, pages: new Map(), onError: () => {} });
  await expect(failed).rejects.toMatchObject({ code: "EADDRINUSE" });
});
