import { defineSupervisor } from "@shoal/mesh";
import { test } from "@shoal/mesh/testing/vitest";
import { describe, expect } from "vitest";
import { foreignAgent } from "../../../src/index.ts";
import { PythonHost } from "../../support/synadia/programs.ts";

describe("an agent of the protocol's own Python host, and a mesh", () => {
  test("it is called like any other", async ({ nats }) => {
    await using host = await PythonHost.start(nats.url, "pi", nats.root, "main");
    const member = await nats.connect();
    await member.serve(foreignAgent("coder", { at: `pi.${nats.root}.main` }));
    const app = await nats.connect();
    expect(await app.stream("coder", { prompt: "one two three" }).collect()).toEqual(["one", "two", "three"]);
    const attachments = [{ filename: "a.txt", content: Buffer.from("hello") }];
    expect(await app.stream("coder", { prompt: "files", attachments }).collect()).toEqual(["a.txt=hello"]);
    await expect(app.stream("coder", { prompt: "fail" }).collect()).rejects.toMatchObject({
      code: "internal",
      message: "handler error",
      agent: "coder",
    });
    expect(host).toBeDefined();
  });

  test("OP9: what is too large for it is not sent", async ({ nats }) => {
    await using _host = await PythonHost.start(nats.url, "pi", nats.root, "main", "2KB");
    const member = await nats.connect();
    await member.serve(foreignAgent("coder", { at: `pi.${nats.root}.*` }));
    await expect(member.stream("coder", { prompt: "x".repeat(3_000) }).collect()).rejects.toMatchObject({
      code: "too_large",
    });
  });

  test("when its process is killed another one is asked, and without one the supervisor's next", async ({
    nats,
  }) => {
    const [first, second] = await Promise.all(
      ["one", "two"].map((name) => PythonHost.start(nats.url, "pi", nats.root, name)),
    );
    const member = await nats.connect();
    const coder = foreignAgent("coder", { at: `pi.${nats.root}.*` });
    const spare = foreignAgent("spare", { at: `goose.${nats.root}.*` });
    await using _spare = await PythonHost.start(nats.url, "goose", nats.root, "main");
    await member.serve(coder);
    await member.serve(spare);
    const served: string[] = [];
    await member.serve(defineSupervisor({ name: "desk", targets: [coder, spare], idempotent: true }));
    const ask = (): Promise<unknown[]> =>
      member.stream("desk", { prompt: "hi" }, { onServed: ({ agent }) => served.push(agent) }).collect();
    expect(await ask()).toEqual(["hi"]);
    await first?.kill();
    for (let n = 0; n < 4; n++) expect(await ask()).toEqual(["hi"]);
    await second?.kill();
    expect(await ask()).toEqual(["hi"]);
    expect(served).toEqual([...Array<string>(5).fill("coder"), "spare"]);
  });

  test("a caller that gives up waits no longer", async ({ nats }) => {
    await using _host = await PythonHost.start(nats.url, "pi", nats.root, "main");
    const member = await nats.connect();
    await member.serve(foreignAgent("coder", { at: `pi.${nats.root}.main` }));
    const at = performance.now();
    await expect(
      member.stream("coder", { prompt: "wait" }, { timeout: "500ms" }).collect(),
    ).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
    expect(performance.now() - at).toBeLessThan(5_000);
  });
});
