import { expect, test } from "vitest";
import { z } from "zod";
import { holdsCode } from "../../../src/contract/schema-code.ts";
import { Invalid, Validator } from "../../../src/contract/validator.ts";

interface Tree {
  next?: Tree | undefined;
}
const tree: z.ZodType<Tree> = z.object({
  get next() {
    return tree.optional();
  },
});

test.each<[string, z.ZodType, boolean]>([
  ["plain types", z.object({ a: z.string().min(1).regex(/x/), b: z.int().default(3), c: z.email() }), false],
  ["unions and records", z.union([z.literal("a"), z.record(z.string(), z.array(z.date()))]), false],
  ["a recursive schema", tree, false],
  ["a refinement deep inside", z.object({ a: z.array(z.string().refine(() => true)).optional() }), true],
  ["a refinement behind lazy", z.lazy(() => z.string().refine(() => true)), true],
  ["a transform", z.object({ a: z.string().transform((x) => x) }), true],
  ["a codec", z.codec(z.string(), z.number(), { decode: Number, encode: String }), true],
  ["a check", z.string().check(() => {}), true],
  ["a catchall", z.object({}).catchall(z.string().refine(() => true)), true],
  ["an instance", z.instanceof(Uint8Array), true],
])("%s: does it hold code of its author's?", (_what, schema, expected) => {
  expect(holdsCode(schema)).toBe(expected);
});

test("a synchronous schema is checked without a promise", () => {
  expect(new Validator(z.object({ n: z.number() })).check({ n: 1, more: 2 })).toEqual({ n: 1 });
  const refined = new Validator(z.number().refine((n) => n > 0, "must be positive"));
  expect(refined.check(1)).toBe(1);
  expect(() => refined.check(-1)).toThrow("must be positive");
});

test("an asynchronous refinement gives a promise, and names the fault", async () => {
  const validator = new Validator(
    z.object({ id: z.string().refine(async (id) => id === "a", "unknown id") }),
  );
  await expect(validator.check({ id: "a" })).resolves.toEqual({ id: "a" });
  await expect(validator.check({ id: "b" })).rejects.toThrow("id: unknown id");
  await expect(validator.check({ id: "b" })).rejects.toBeInstanceOf(Invalid);
});

test("an asynchronous refinement that rejects, rejects the check: no promise is left behind", async () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", listen);
  try {
    const broken = z.string().refine(async () => {
      throw new Error("the database is down");
    });
    const validator = new Validator(z.object({ a: z.number(), b: broken.optional() }));
    // At first the refinement is not reached, so nothing shows that it is asynchronous.
    expect(() => validator.check({})).toThrow("a: ");
    expect(validator.check({ a: 1 })).toEqual({ a: 1 });
    await expect(validator.check({ a: 1, b: "x" })).rejects.toThrow("the database is down");
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  } finally {
    process.off("unhandledRejection", listen);
  }
});

test("faults name their place", () => {
  const schema = z.object({ items: z.array(z.object({ name: z.string() })) });
  try {
    new Validator(schema).check({ items: [{ name: "a" }, {}] });
    expect.unreachable();
  } catch (error) {
    expect((error as Invalid).issues).toEqual([
      { path: "items[1].name", message: expect.any(String) as string },
    ]);
  }
});
