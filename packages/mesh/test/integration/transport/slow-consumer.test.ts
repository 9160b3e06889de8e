import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { open, server } from "./connect.ts";
import { until } from "./waiting.ts";

test("a consumer that the server gives up for being slow comes back and goes on", async () => {
  const nats = await server('max_pending: 1MB\nwrite_deadline: "500ms"');
  const child = fork(fileURLToPath(new URL("slow-consumer-child.ts", import.meta.url)), [nats.url, "1500"], {
    execArgv: [],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said: string[] = [];
  child.on("message", (message: { status?: string; heard?: string }) =>
    said.push(message.status ?? message.heard ?? ""),
  );
  await until(() => said.includes("ready"));

  const publisher = await open({ servers: nats.url });
  const payload = new Uint8Array(262_144);
  for (let i = 0; i < 128; i++) {
    publisher.publish("flood", payload);
    await publisher.flush();
  }
  await until(() => said.includes("connected"));
  expect(nats.log).toMatch(/Slow Consumer/);
  publisher.publish("after", Buffer.from("x"));
  await until(() => said.includes("after"));
  expect(said).toEqual(["ready", "disconnected", "connected", "after"]);
});
