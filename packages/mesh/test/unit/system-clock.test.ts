import { afterEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("a timer for longer than Node's timers can run does not fire at once", () => {
  vi.useFakeTimers();
  const fire = vi.fn<() => void>();
  const stop = systemClock.after(30 * 86_400_000, fire);
  vi.advanceTimersByTime(60_000);
  expect(fire).not.toHaveBeenCalled();
  stop();
});
