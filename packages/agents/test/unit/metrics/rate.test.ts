import { expect, test } from "vitest";
import { Rate, perSecond } from "../../../src/metrics/rate.ts";

test("a rate is that of its window, or of the time that was seen where that is less", () => {
  const rate = new Rate(0, 1_000);
  expect(perSecond([rate])).toEqual({ "1s": null, "1m": null, "5m": null });
  for (let s = 1; s <= 10; s++) rate.note(s * 1_000, 1_000 + s * 50);
  expect(perSecond([rate])).toEqual({ "1s": 50, "1m": 50, "5m": 50 });
  for (let s = 11; s <= 70; s++) rate.note(s * 1_000, 1_500);
  expect(perSecond([rate])).toEqual({ "1s": 0, "1m": 0, "5m": 7.14 });
});

test("old samples are few, and those of a time that is over are let go of", () => {
  const rate = new Rate(0, 0);
  for (let s = 1; s <= 2_000; s++) rate.note(s * 1_000, s * 3);
  expect((rate as unknown as { samples: unknown[] }).samples.length).toBeLessThan(100);
  expect(perSecond([rate, rate])).toEqual({ "1s": 6, "1m": 6, "5m": 6 });
});

test("none at all is null", () => {
  expect(perSecond([])).toEqual({ "1s": null, "1m": null, "5m": null });
});
