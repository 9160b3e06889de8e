import { expect, test } from "vitest";
import { type StoreUnderTest, fresh } from "./harness.ts";

export function objects({ open }: StoreUnderTest): void {
  test("a value larger than a message is kept whole", async () => {
    const name = fresh();
    const [a, b] = [await (await open()).objects(name, {}), await (await open()).objects(name, {})];
    const large = Uint8Array.from({ length: 3_000_000 }, (_, at) => at % 251);
    await a.put("x", large);
    expect(Buffer.compare(Buffer.from((await b.get("x")) ?? []), Buffer.from(large))).toBe(0);
    await b.delete("x");
    expect(await a.get("x")).toBeUndefined();
    expect(await a.get("never")).toBeUndefined();
  });
}
