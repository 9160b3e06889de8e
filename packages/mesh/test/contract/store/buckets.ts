import { expect, test } from "vitest";
import { type StoreUnderTest, bytes, fresh, textOf } from "./harness.ts";

export function buckets({ open, pass }: StoreUnderTest): void {
  test("what nobody has made is not found, and what somebody has made is taken as it is", async () => {
    const name = fresh();
    await expect((await open()).bucket(name)).rejects.toMatchObject({ code: "not_found" });
    const made = await (await open()).bucket(name, { ttlMs: 60_000 });
    await made.put("x", bytes("1"));
    const found = await (await open()).bucket(name);
    expect(textOf((await found.get("x"))?.value)).toBe("1");
  });

  test("a value is there for every process, with a revision that grows", async () => {
    const name = fresh();
    const [a, b] = [await (await open()).bucket(name, {}), await (await open()).bucket(name, {})];
    expect(await b.get("x")).toBeUndefined();
    const first = await a.put("x", bytes("1"));
    const second = await b.put("x", bytes("2"));
    expect(second).toBeGreaterThan(first);
    const entry = await a.get("x");
    expect([textOf(entry?.value), entry?.revision, entry?.key]).toEqual(["2", second, "x"]);
  });

  test("a value that is too large is refused with both sizes, and the one before stays", async () => {
    const store = await open();
    const bucket = await store.bucket(fresh(), {});
    const revision = await bucket.put("x", bytes("1"));
    const huge = new Uint8Array(store.largest + 1);
    await expect(bucket.put("x", huge)).rejects.toMatchObject({ code: "too_large" });
    await expect(bucket.swap("x", huge, revision)).rejects.toMatchObject({ code: "too_large" });
    expect(textOf((await bucket.get("x"))?.value)).toBe("1");
  });

  test("T7: of several that swap the same revision at once, one succeeds", async () => {
    const name = fresh();
    const all = await Promise.all(Array.from({ length: 8 }, async () => (await open()).bucket(name, {})));
    const claims = await Promise.all(all.map((each, at) => each.swap("x", bytes(`${at}`), 0)));
    expect(claims.filter((each) => each !== undefined)).toHaveLength(1);
    const { revision = 0 } = (await all[0]?.get("x")) ?? {};
    const moves = await Promise.all(all.map((each) => each.swap("x", bytes("moved"), revision)));
    expect(moves.filter((each) => each !== undefined)).toHaveLength(1);
  });

  test("T8: what has been deleted can be claimed anew", async () => {
    const bucket = await (await open()).bucket(fresh(), {});
    const revision = await bucket.put("x", bytes("1"));
    expect(await bucket.delete("x", revision + 1)).toBe(false);
    expect(await bucket.delete("x", revision)).toBe(true);
    expect(await bucket.get("x")).toBeUndefined();
    expect(await bucket.swap("x", bytes("2"), revision)).toBeUndefined();
    expect(await bucket.swap("x", bytes("2"), 0)).toBeGreaterThan(revision);
    expect(await bucket.swap("x", bytes("3"), 0)).toBeUndefined();
  });

  test("T8: what has lived for its time is gone, and can be claimed anew", async () => {
    const bucket = await (await open()).bucket(fresh(), {});
    await bucket.swap("x", bytes("1"), 0, { ttlMs: 1_000 });
    await bucket.put("y", bytes("1"));
    expect(textOf((await bucket.get("x"))?.value)).toBe("1");
    await pass(2_500);
    expect(await bucket.get("x")).toBeUndefined();
    expect(textOf((await bucket.get("y"))?.value)).toBe("1");
    expect(await bucket.swap("x", bytes("2"), 0)).toBeDefined();
  });

  test("entries are the last values of the keys that match", async () => {
    const bucket = await (await open()).bucket(fresh(), {});
    for (const key of ["a.1", "a.2", "b.1", "a.1"]) await bucket.put(key, bytes(key));
    await bucket.delete("a.2");
    const keys = async (pattern?: string): Promise<string[]> => {
      const all = [];
      for await (const { key } of bucket.entries(pattern)) all.push(key);
      return all.toSorted();
    };
    expect(await keys()).toEqual(["a.1", "b.1"]);
    expect(await keys("a.*")).toEqual(["a.1"]);
    expect(await keys("c.*")).toEqual([]);
  });
}
