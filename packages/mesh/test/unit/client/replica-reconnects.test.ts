import { expect, test } from "vitest";
import { Kind } from "../../../src/protocol/frame.ts";
import { jobWorld } from "../../support/job-world.ts";

test("L5, P4: an answer that was lost when the replica's connection broke is asked for again", async () => {
  const { mesh, host, agent } = await jobWorld();
  const call = agent.work({ n: 1, ms: 100 }, { timeout: "60s" });
  await mesh.advance(50);
  host.transport.onPublish = ({ kind }) => kind !== Kind.result;
  await mesh.advance(100);
  host.transport.become("disconnected");
  host.transport.onPublish = () => true;
  host.transport.become("connected");
  expect(await mesh.settle(call)).toMatchObject({ n: 1 });
});

test("L5, S1: a stream whose credit was lost when the replica's connection broke goes on", async () => {
  const { mesh, host, client, agent } = await jobWorld();
  const reading = agent.recite({ to: 600 }, { timeout: "60s", window: 16 }).collect();
  client.transport.onPublish = ({ kind }) => kind !== Kind.credit;
  await mesh.advance(50);
  host.transport.become("disconnected");
  client.transport.onPublish = () => true;
  host.transport.become("connected");
  expect(await mesh.settle(reading)).toHaveLength(600);
});
