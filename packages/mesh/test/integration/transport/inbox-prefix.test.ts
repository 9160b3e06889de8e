import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { type Mesh, connect, defineAgent } from "../../../src/index.ts";
import { server } from "./connect.ts";
import { until } from "./waiting.ts";

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  methods: { say: { input: z.string(), output: z.string(), run: (text) => text } },
});

test("a watcher sees outcomes under an inbox prefix that is not the default", async () => {
  const { url } = await server();
  const member = async (): Promise<Mesh> => {
    const mesh = await connect({ servers: url, inboxPrefix: "_MINE" });
    onTestFinished(() => mesh.close());
    return mesh;
  };
  const [host, client, watcher] = [await member(), await member(), await member()];
  await host.serve(echo);
  const seen: string[] = [];
  const stop = watcher.observe(({ type }) => seen.push(type));
  await until(() => {
    void client
      .agent(echo)
      .say("x")
      .catch(() => {});
    return seen.includes("outcome");
  });
  expect(seen).toContain("request");
  stop();
}, 10_000);
