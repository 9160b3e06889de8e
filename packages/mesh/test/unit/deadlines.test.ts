import { expect, test } from "vitest";
import { Deadlines, Timed } from "../../src/deadlines.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";

class Entry extends Timed {
  readonly firedAt: number[] = [];
  private readonly clock: ManualClock;
  private readonly effect: (() => void) | undefined;

  constructor(clock: ManualClock, effect?: () => void) {
    super();
    this.clock = clock;
    this.effect = effect;
  }

  override onDue(): void {
    this.firedAt.push(this.clock.now());
    this.effect?.();
  }
}

function fixture(startAt?: number): { clock: ManualClock; wheel: Deadlines } {
  const clock = new ManualClock(startAt);
  return { clock, wheel: new Deadlines(clock) };
}

test.each([0.3, 1, 4.9, 5, 5.1, 7, 999, 5_119, 5_120, 5_121, 60_000, 12_345.6])(
  "D1: an entry %d ms ahead fires once, not before its time and at most one tick after it",
  (delayMs) => {
    for (const offset of [0, 0.1, 2.5, 4.9]) {
      const { clock, wheel } = fixture(1_000 + offset);
      const entry = new Entry(clock);
      const dueAt = clock.now() + delayMs;
      wheel.add(entry, dueAt);
      clock.advance(delayMs + 10_000);
      expect(entry.firedAt).toHaveLength(1);
      expect(entry.firedAt[0]).toBeGreaterThanOrEqual(dueAt);
      // A real timer counts whole milliseconds.
      expect(entry.firedAt[0]).toBeLessThanOrEqual(dueAt + 6);
    }
  },
);

test("D1: after a pause longer than a turn of the wheel everything that is due fires, and nothing else", () => {
  const { clock, wheel } = fixture();
  const entries = Array.from({ length: 200 }, (_, i) => ({
    entry: new Entry(clock),
    dueAt: 1_000 + i * 100,
  }));
  for (const { entry, dueAt } of entries) wheel.add(entry, dueAt);
  clock.block(9_950);
  clock.advance(5);
  for (const { entry, dueAt } of entries) expect(entry.firedAt.length).toBe(dueAt <= clock.now() ? 1 : 0);
  clock.advance(20_000);
  for (const { entry } of entries) expect(entry.firedAt).toHaveLength(1);
});

test("D1: an entry that is added again is moved", () => {
  const { clock, wheel } = fixture();
  const entry = new Entry(clock);
  wheel.add(entry, 1_020);
  wheel.add(entry, 1_100);
  expect(wheel.size).toBe(1);
  clock.advance(60);
  expect(entry.firedAt).toEqual([]);
  clock.advance(60);
  expect(entry.firedAt).toHaveLength(1);
});

test("D1: what is added while others fire is not missed", () => {
  const { clock, wheel } = fixture();
  const second = new Entry(clock);
  const first = new Entry(clock, () => wheel.add(second, clock.now() + 7));
  wheel.add(first, 1_010);
  clock.advance(100);
  expect(second.firedAt).toHaveLength(1);
});

test("D2: a removed entry never fires, whoever removes it", () => {
  const { clock, wheel } = fixture();
  const victim = new Entry(clock);
  const killer = new Entry(clock, () => wheel.remove(victim));
  const gone = new Entry(clock);
  wheel.add(killer, 1_010);
  wheel.add(victim, 1_010);
  wheel.add(gone, 1_010);
  wheel.remove(gone);
  clock.advance(100);
  expect(killer.firedAt).toHaveLength(1);
  expect(victim.firedAt).toEqual([]);
  expect(gone.firedAt).toEqual([]);
});

test("D3: an empty wheel lets go of its timer within a tick", () => {
  const { clock, wheel } = fixture();
  const entry = new Entry(clock);
  wheel.add(entry, 1_500);
  wheel.remove(entry);
  clock.advance(5);
  expect(clock.armed).toBe(0);
  wheel.add(entry, 1_500);
  wheel.clear();
  expect(clock.armed).toBe(0);
  expect(wheel.size).toBe(0);
});

test("D4: an entry that throws keeps no other entry from firing", async () => {
  const thrown: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => thrown.push(error));
  try {
    const { clock, wheel } = fixture();
    const bad = new Entry(clock, () => {
      throw new Error("bad entry");
    });
    const [same, later] = [new Entry(clock), new Entry(clock)];
    wheel.add(bad, 1_010);
    wheel.add(same, 1_010);
    wheel.add(later, 1_050);
    clock.advance(100);
    expect(same.firedAt).toHaveLength(1);
    expect(later.firedAt).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(thrown).toEqual([new Error("bad entry")]);
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
});
