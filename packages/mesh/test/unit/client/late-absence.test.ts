import { expect, test } from "vitest";
import { Kind } from "../../../src/protocol/frame.ts";
import { jobWorld } from "../../support/job-world.ts";

test("P2, P4: credit that finds its replica gone ends no call but the one that it was for", async () => {
  const { mesh, client, agent } = await jobWorld();
  const stream = agent.count({ to: 600 }, { timeout: "60s" }).collect();
  const late: (() => void)[] = [];
  client.transport.onPublish = ({ kind, reply }) => {
    // Nobody hears it, which NATS says long after the stream has ended.
    if (kind === Kind.credit)
      late.push(() => client.transport.publish("nobody.there", new Uint8Array(1), { reply }));
    return true;
  };
  expect(await mesh.settle(stream)).toHaveLength(600);
  expect(late.length).toBeGreaterThan(0);
  const calls = Array.from({ length: 5 }, (_each, n) => agent.work({ n, ms: 50 }));
  await mesh.advance(10);
  for (const each of late) each();
  expect((await mesh.settle(Promise.all(calls))).map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
});

test("L2, P4: credit that finds its replica gone is a death certificate for the stream that it was for", async () => {
  const { mesh, host, agent } = await jobWorld();
  const reading = agent.count({ to: 10_000, ms: 1 }, { timeout: "60s" }).collect();
  reading.catch(() => {});
  await mesh.advance(300);
  host.transport.onPublish = () => false;
  await host.transport.close();
  await mesh.advance(500);
  await expect(reading).rejects.toMatchObject({ code: "replica_lost", agent: "job" });
});
