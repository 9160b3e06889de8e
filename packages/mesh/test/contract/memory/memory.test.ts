import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BucketMemory } from "../../../src/memory/bucket-memory.ts";
import { InProcessMemory } from "../../../src/memory/in-process-memory.ts";
import type { Memory } from "../../../src/memory/memory.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";
import { MemoryBroker } from "../../../src/transport/memory.ts";
import { connectNats } from "../../../src/transport/nats.ts";
import { Shelf } from "../../../src/transport/shelf.ts";
import type { Transport } from "../../../src/transport/transport.ts";

let server: NatsServer;
let nats: Transport;
const broker = new MemoryBroker();
let serial = 0;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  nats = await connectNats({ servers: server.url });
});
afterAll(async () => {
  await nats.close();
  await server.stop();
});

const over = (transport: Transport): Memory =>
  new BucketMemory(new Shelf(transport.store, "mesh", "memories", {}), `_.m${++serial}`, undefined);

describe.each<[string, () => Memory]>([
  ["in the process", () => new InProcessMemory()],
  ["in NATS", () => over(nats)],
  ["in a bucket in memory", () => over(broker.connect())],
])("memory %s", (_where, make) => {
  test("gives what was set, by any key", async () => {
    const memory = make();
    expect(await memory.get("a")).toBeUndefined();
    for (const key of ["a", "a.b", "ü *>", " "]) {
      await memory.set(key, { key });
      expect(await memory.get(key)).toEqual({ key });
    }
    await memory.set("a", 0);
    expect(await memory.get("a")).toBe(0);
    await memory.set("a", undefined);
    expect(await memory.get("a")).toBeUndefined();
    await memory.set("a", undefined);
  });

  test("gives copies: what is done to a value is not remembered", async () => {
    const memory = make();
    const value = { list: [1] };
    await memory.set("a", value);
    value.list.push(2);
    const got = (await memory.get("a")) as typeof value;
    got.list.push(3);
    expect(await memory.get("a")).toEqual({ list: [1] });
  });

  test("appends, however many do so at once, and keeps the newest", async () => {
    const memory = make();
    const all = Array.from({ length: 20 }, (_each, n) => n);
    const lengths = await Promise.all(all.map((n) => memory.append("list", n)));
    expect(lengths.toSorted((a, b) => a - b)).toEqual(all.map((n) => n + 1));
    expect(new Set((await memory.get("list")) as number[])).toEqual(new Set(all));
    for (const n of [100, 101, 102]) await memory.append("list", n, { keep: 2 });
    expect(await memory.get("list")).toEqual([101, 102]);
  });

  test("says when something else than a list is there, or `keep` is none", async () => {
    const memory = make();
    await memory.set("a", "text");
    await expect(memory.append("a", 1)).rejects.toMatchObject({ code: "bad_request" });
    await expect(memory.append("b", 1, { keep: 0 })).rejects.toMatchObject({ code: "bad_request" });
  });

  test("finds what has most to do with some words: values, and items of lists, the best first", async () => {
    const memory = make();
    await memory.set("cat", { name: "Mimi", likes: ["fish", "sleep"] });
    await memory.set("dog", { name: "Rex", likes: ["walks"] });
    await memory.append("talk", { role: "user", text: "my cat has eaten the fish" });
    await memory.append("talk", { role: "user", text: "the weather is fine" });
    const found = await memory.search("cats and fish");
    expect(
      found
        .slice(0, 2)
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(["cat", "talk"]);
    expect(found.find(({ key }) => key === "talk")).toMatchObject({
      index: 0,
      value: { text: "my cat has eaten the fish" },
    });
    expect(found.some(({ value }) => JSON.stringify(value).includes("weather"))).toBe(false);
    for (const [at, { score }] of found.entries())
      expect(score).toBeLessThanOrEqual(found[at - 1]?.score ?? Infinity);
    expect(await memory.search("fish", { limit: 1 })).toHaveLength(1);
    expect(await memory.search("nothing of that")).toEqual([]);
    expect(await memory.search("")).toEqual([]);
  });
});

test("memory in NATS is the same for all, and two names do not meet", async () => {
  const other = await connectNats({ servers: server.url });
  const shelf = (transport: Transport): Shelf => new Shelf(transport.store, "mesh", "memories", {});
  const [a, b, c] = [
    new BucketMemory(shelf(nats), "_.same", undefined),
    new BucketMemory(shelf(other), "_.same", undefined),
    new BucketMemory(shelf(other), "_.sam", undefined),
  ];
  await a.set("k", "v");
  expect(await b.get("k")).toBe("v");
  expect(await c.get("k")).toBeUndefined();
  expect(await c.search("v")).toEqual([]);
  await b.clear();
  expect(await a.get("k")).toBeUndefined();
  await other.close();
});

test("what has not been written for its time is forgotten", async () => {
  const memory = new BucketMemory(new Shelf(nats.store, "mesh", "memories", {}), "_.short", 1_000);
  await memory.set("k", "v");
  await expect.poll(() => memory.get("k"), { timeout: 5_000 }).toBeUndefined();
}, 10_000);
