import { expect, test } from "vitest";
import { Places } from "../../../src/local/places.ts";

const never = new AbortController().signal;
const anyone = (): number => 0;

/** Work that ends when it is told to. */
function work(): { run: (place: string) => Promise<string>; at: () => string | undefined; end: () => void } {
  let place: string | undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    run: async (given) => {
      place = given;
      await promise;
      return given;
    },
    at: () => place,
    end: resolve,
  };
}

test("LO1: so many at once as there are places, and the others in order", async () => {
  const places = new Places(["a", "b"]);
  const jobs = [work(), work(), work(), work()];
  const all = jobs.map(({ run }) => places.use(anyone, never, run));
  expect(jobs.map(({ at }) => at())).toEqual(["a", "b", undefined, undefined]);
  expect(places.waiting).toBe(2);
  jobs[1]?.end();
  await all[1];
  expect(jobs.map(({ at }) => at())).toEqual(["a", "b", "b", undefined]);
  jobs[0]?.end();
  await all[0];
  expect(jobs[3]?.at()).toBe("a");
  jobs[2]?.end();
  jobs[3]?.end();
  expect(await Promise.all(all)).toEqual(["a", "b", "b", "a"]);
});

test("LO1: who comes when a place becomes free is not before those who wait", async () => {
  const places = new Places(["a"]);
  const [first, second, late] = [work(), work(), work()];
  const held = places.use(anyone, never, first.run);
  const waiting = places.use(anyone, never, second.run);
  const came = held.then(() => places.use(anyone, never, late.run));
  first.end();
  await held;
  await Promise.resolve();
  expect([second.at(), late.at()]).toEqual(["a", undefined]);
  second.end();
  late.end();
  expect(await Promise.all([waiting, came])).toEqual(["a", "a"]);
});

test("LO2: who gives up while waiting leaves the line, and takes no place", async () => {
  const places = new Places(["a"]);
  const first = work();
  const held = places.use(anyone, never, first.run);
  const impatient = new AbortController();
  const left = places.use(anyone, impatient.signal, work().run);
  const last = places.use(anyone, never, async (place) => place);
  impatient.abort(new Error("no time"));
  await expect(left).rejects.toThrow("no time");
  expect(places.waiting).toBe(1);
  first.end();
  await held;
  expect(await last).toBe("a");
});

test("LO2: a place is free again after work that failed", async () => {
  const places = new Places(["a"]);
  await expect(places.use(anyone, never, () => Promise.reject(new Error("broken")))).rejects.toThrow(
    "broken",
  );
  expect(await places.use(anyone, never, async (place) => place)).toBe("a");
});

test("who has given up before gets no place", async () => {
  const places = new Places(["a"]);
  await expect(places.use(anyone, AbortSignal.abort(new Error("gone")), work().run)).rejects.toThrow("gone");
});

test("of the free places the one that is worth most is taken", async () => {
  const places = new Places(["a", "b", "c"]);
  const worth = (place: string): number => ({ a: 1, b: 9, c: 2 })[place] ?? 0;
  expect(await places.use(worth, never, async (place) => place)).toBe("b");
});
