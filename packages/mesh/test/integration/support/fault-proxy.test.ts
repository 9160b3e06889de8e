import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { FaultProxy } from "../../../src/testing/fault-proxy.ts";

let proxy: FaultProxy;
let client: Socket;

/** Through the proxy: everything that is said comes back. */
async function dial(): Promise<Socket> {
  const socket = connect(proxy.port, "127.0.0.1").on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Resolves when the connection is gone, with the reason. */
function gone(socket: Socket): Promise<string | undefined> {
  let code: string | undefined;
  socket.on("error", (error: NodeJS.ErrnoException) => (code = error.code));
  return new Promise((resolve) => socket.on("close", () => resolve(code)));
}

beforeEach(async () => {
  const echo = createServer((socket) => socket.on("error", () => {}).pipe(socket)).listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await FaultProxy.to((echo.address() as AddressInfo).port);
  onTestFinished(() => {
    proxy.close();
    echo.close();
  });
  client = await dial();
});

/** How long it takes until all of it has come back. */
async function echoed(text: string): Promise<number> {
  const startedAt = performance.now();
  client.write(text);
  let got = "";
  while (got.length < text.length) got += String(await once(client, "data"));
  expect(got).toBe(text);
  return performance.now() - startedAt;
}

test("without a fault everything passes, in order, and so does the end", async () => {
  await echoed(Array.from({ length: 100_000 }, (_each, n) => n).join(" "));
  client.end();
  expect(await gone(client)).toBeUndefined();
});

test("latency counts in each direction that has it, and what is on its way keeps its order", async () => {
  proxy.set({ latencyMs: 60 }, "up");
  expect(await echoed("a")).toBeGreaterThanOrEqual(59);
  proxy.set({ latencyMs: 60 });
  expect(await echoed("b")).toBeGreaterThanOrEqual(118);
  const slow = echoed("cd");
  proxy.heal();
  await slow;
});

test("a limited flow takes its time", async () => {
  proxy.set({ bytesPerS: 500_000 }, "down");
  expect(await echoed("x".repeat(100_000))).toBeGreaterThan(150);
});

test("a cut resets whoever is there, and lets others come; a refusal does not", async () => {
  const first = gone(client);
  proxy.cut();
  expect(await first).toBe("ECONNRESET");
  client = await dial();
  await echoed("again");
  const second = gone(client);
  proxy.refuse();
  await second;
  expect(await gone(connect(proxy.port, "127.0.0.1"))).toBe("ECONNRESET");
});

test("half-open: nothing comes and nobody is told; what has lost bytes is reset when it heals", async () => {
  proxy.set({ swallows: true }, "down");
  const closed = gone(client);
  client.write("lost");
  const silent = await Promise.race([
    once(client, "data"),
    closed,
    new Promise((resolve) => setTimeout(resolve, 100, "silent")),
  ]);
  expect(silent).toBe("silent");
  proxy.heal();
  expect(await closed).toBe("ECONNRESET");
});

test("a connection that is cut while it says goodbye does not keep its process", async () => {
  const script = fileURLToPath(new URL("../../support/proxied-end.ts", import.meta.url));
  await promisify(execFile)(process.execPath, ["--conditions=shoal-source", script], { timeout: 20_000 });
});
