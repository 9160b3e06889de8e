import { expect, test } from "vitest";
import { DEFAULT_WINDOW, creditCost } from "../../../src/protocol/credit.ts";
import { newCallerId, newRequestId, requestIdText } from "../../../src/protocol/request-id.ts";

test.each([
  [0, 1],
  [1, 1],
  [4_095, 1],
  [4_096, 2],
  [262_144, 65],
])("a body of %d bytes costs %d units", (bytes, units) => expect(creditCost(bytes)).toBe(units));

test("the default window lets about 2 MiB run ahead in large chunks, and 512 small ones", () => {
  expect(Math.floor(DEFAULT_WINDOW / creditCost(65_536)) * 65_536).toBeGreaterThan(1_900_000);
  expect(DEFAULT_WINDOW / creditCost(10)).toBe(512);
});

test("ids are of the right size, and never the same", () => {
  expect(newCallerId()).toHaveLength(12);
  expect(requestIdText(newRequestId())).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(Array.from({ length: 100 }, () => requestIdText(newRequestId()))).size).toBe(100);
});
