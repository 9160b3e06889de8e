import { expect, test } from "vitest";
import { Kind } from "../../../src/protocol/frame.ts";
import { jobWorld } from "../../support/job-world.ts";

test("L3: a replica whose chunks arrive lives, though its answers to probes do not come", async () => {
  const { mesh, host, agent } = await jobWorld();
  host.transport.onPublish = ({ kind }) => kind !== Kind.pong;
  const reading = agent.count({ to: 90, ms: 50 }, { timeout: "60s" }).collect();
  expect(await mesh.settle(reading)).toHaveLength(90);
});

test("L3: one that sends neither chunks nor answers to probes is lost", async () => {
  const { mesh, host, agent } = await jobWorld();
  const reading = agent.count({ to: 90, ms: 50 }, { timeout: "60s" }).collect();
  reading.catch(() => {});
  await mesh.advance(500);
  host.transport.onPublish = () => false;
  await mesh.advance(4_500);
  await expect(mesh.settle(reading)).rejects.toMatchObject({ code: "replica_lost" });
});
