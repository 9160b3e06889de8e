import { ManualClock } from "@shoal/mesh/testing";
import { expect, test } from "vitest";
import type { Engine } from "../../../src/local/engine.ts";
import { Shelf } from "../../../src/local/shelf.ts";

const MINUTE = 60_000;

function shop(): {
  shelf: Shelf;
  clock: ManualClock;
  loads: number;
  disposed: number;
  load: () => Promise<Engine>;
} {
  const clock = new ManualClock();
  const made = {
    clock,
    shelf: new Shelf((delayMs, fire) => clock.after(delayMs, fire)),
    loads: 0,
    disposed: 0,
    load: async (): Promise<Engine> => {
      made.loads += 1;
      const dispose = async (): Promise<void> => void (made.disposed += 1);
      return { contextSize: 1, places: [], tokensOf: () => [], dispose };
    },
  };
  return made;
}

const nothing = async (): Promise<void> => {};

test("LO3: a model is loaded once, however many ask at once", async () => {
  const made = shop();
  await Promise.all([1, 2, 3].map(() => made.shelf.use("m", made.load, MINUTE, nothing)));
  await made.shelf.use("m", made.load, MINUTE, nothing);
  expect(made.loads).toBe(1);
  await made.shelf.use("other", made.load, MINUTE, nothing);
  expect(made.loads).toBe(2);
});

test("LO3: one that could not be loaded fails all who asked, and is tried again", async () => {
  const made = shop();
  const broken = (): Promise<Engine> => Promise.reject(new Error("no such file"));
  const both = [1, 2].map(() => made.shelf.use("m", broken, MINUTE, nothing));
  for (const each of both) await expect(each).rejects.toThrow("no such file");
  await made.shelf.use("m", made.load, MINUTE, nothing);
  expect(made.loads).toBe(1);
});

test("LO4: it leaves memory when nobody has used it for its time, and is loaded again", async () => {
  const made = shop();
  await made.shelf.use("m", made.load, MINUTE, nothing);
  made.clock.advance(MINUTE - 1);
  expect(made.disposed).toBe(0);
  made.clock.advance(1);
  await Promise.resolve();
  expect(made.disposed).toBe(1);
  await made.shelf.use("m", made.load, MINUTE, nothing);
  expect(made.loads).toBe(2);
});

test("LO4: never while somebody uses it, however long", async () => {
  const made = shop();
  await made.shelf.use("m", made.load, MINUTE, nothing);
  const { promise, resolve } = Promise.withResolvers<void>();
  const long = made.shelf.use("m", made.load, MINUTE, () => promise);
  made.clock.advance(10 * MINUTE);
  expect(made.disposed).toBe(0);
  resolve();
  await long;
  made.clock.advance(MINUTE);
  await Promise.resolve();
  expect({ loads: made.loads, disposed: made.disposed }).toEqual({ loads: 1, disposed: 1 });
});

test("who gives up while a model is loaded does not wait for it, and the next one has it", async () => {
  const made = shop();
  const { promise: read, resolve } = Promise.withResolvers<void>();
  const slow = (): Promise<Engine> => read.then(made.load);
  const impatient = new AbortController();
  const left = made.shelf.use("m", slow, MINUTE, nothing, impatient.signal);
  impatient.abort(new Error("no time"));
  await expect(left).rejects.toThrow("no time");
  resolve();
  await made.shelf.use("m", made.load, MINUTE, nothing);
  expect(made.loads).toBe(1);
});
