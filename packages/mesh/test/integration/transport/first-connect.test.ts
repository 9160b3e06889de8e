import { expect, test } from "vitest";
import { connect } from "../../../src/index.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { RecordingLogger } from "../../../src/testing/recording-logger.ts";
import { server } from "./connect.ts";
import { until } from "./waiting.ts";
import { setTimeout as delay } from "node:timers/promises";

test("a mesh that waits for NATS says so at once, and then once a minute", async () => {
  const nats = await server();
  await nats.kill();
  const [clock, log] = [new ManualClock(), new RecordingLogger()];
  const options = { servers: nats.url, wait: true, reconnectTimeWait: 10, clock, logger: log };
  const connecting = connect(options);
  await until(() => log.lines.length > 0);
  expect(log.lines[0]).toMatchObject({
    level: "warn",
    message: expect.stringMatching(`waiting for NATS: NATS at ${nats.url} cannot be reached`) as string,
  });
  await delay(100);
  expect(log.lines).toHaveLength(1);
  clock.advance(60_000);
  await until(() => log.lines.length > 1);
  await delay(50);
  expect(log.lines).toHaveLength(2);
  await nats.restart();
  const mesh = await connecting;
  await mesh.close();
});
