import { type TestAPI, type TestContext, test as base } from "vitest";
import type { Faults } from "./faults.ts";
import { InProcessMesh } from "./in-process-mesh.ts";
import type { ManualClock } from "./manual-clock.ts";
import { NatsMesh } from "./nats-mesh.ts";
import { type NatsServer, startNatsServer } from "./nats-server.ts";

/**
 * What a test may ask for. What it does not name is not made; what it was given is closed after it, and what it leaves
 * behind fails it.
 */
export interface Fixtures {
  /** A whole mesh in this process, on a clock that stands still. */
  mesh: InProcessMesh;
  /** The clock of `mesh`. */
  clock: ManualClock;
  /** What befalls the messages of `mesh`. */
  faults: Faults;
  /** A mesh of its own on `natsServer`. */
  nats: NatsMesh;
  /** A real server with JetStream, one for each worker of the run. */
  natsServer: NatsServer;
}

/**
 *     import { expect } from "vitest";
 *     import { test } from "@shoal/mesh/testing/vitest";
 *
 *     test("…", async ({ mesh }) => { … });
 */
export const test: TestAPI<Fixtures> = base.extend<Fixtures>({
  mesh: async ({ task }, use) => {
    const mesh = new InProcessMesh();
    await use(mesh);
    await finish(mesh, task);
  },
  clock: async ({ mesh }, use) => use(mesh.clock),
  faults: async ({ mesh }, use) => use(mesh.faults),
  natsServer: [
    // oxlint-disable-next-line no-empty-pattern -- vitest reads from the braces that it needs nothing
    async ({}, use) => {
      const server = await startNatsServer({ monitored: true, jetstream: true });
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  nats: async ({ natsServer, task }, use) => {
    const nats = await NatsMesh.on(natsServer);
    await use(nats);
    await finish(nats, task);
  },
});

/** A test that has failed has left things behind for that reason: one error is enough. */
async function finish(mesh: InProcessMesh | NatsMesh, { result }: TestContext["task"]): Promise<void> {
  try {
    await mesh.close();
  } catch (error) {
    if (result?.state !== "fail") throw error;
  }
}
