import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { natsCliPath } from "../../../../../test/support/nats-cli.ts";
import { type Mesh, connect, defineAgent } from "../../../src/index.ts";
import { natsCli } from "../../support/nats-cli.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";

let server: NatsServer;
let mesh: Mesh;
let given = 0;
let isOver = Promise.withResolvers<void>();

const counter = defineAgent({
  name: "counter",
  version: "1.0.0",
  methods: {
    count: {
      input: z.object({ to: z.int().optional() }),
      chunk: z.int(),
      *run({ to = Infinity }) {
        try {
          for (let i = 0; i < to; i++) {
            given++;
            yield i;
          }
        } finally {
          isOver.resolve();
        }
      },
    },
  },
});

beforeAll(async () => {
  server = await startNatsServer();
  mesh = await connect({ servers: server.url });
  await mesh.serve(counter);
});
afterAll(async () => {
  await mesh.close();
  await server.stop();
});

test("a stream whose `nats req` was killed ends at once", async () => {
  isOver = Promise.withResolvers();
  const args = ["-s", server.url, "req", "--raw", "mesh.counter.count", "{}"];
  const cli = spawn(natsCliPath(), [...args, "-H", "Shoal-Stream:true", "--wait-for-empty"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(cli.stdout, "data");
  cli.kill("SIGKILL");
  await once(cli, "exit");
  await isOver.promise;
  const atEnd = given;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(given).toBe(atEnd);
}, 15_000);

test("`nats req` sees nothing of the replica looking whether it is still there", async () => {
  const request = ["mesh.counter.count", '{"to":200}', "-H", "Shoal-Stream:true", "--wait-for-empty"];
  const nats = natsCli(server.url);
  const raw = await nats(["req", "--raw", ...request]);
  const numbers = Array.from({ length: 200 }, (_, i) => String(i));
  expect(raw.stdout.trim().split(/\s+/).slice(0, 200)).toEqual(numbers);
  const told = await nats(["req", ...request]);
  expect(told.code).toBe(0);
  expect(told.stdout + told.stderr).not.toContain("_INBOX");
}, 15_000);
