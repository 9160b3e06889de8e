import { expect, test } from "vitest";
import { pickNode } from "../../../src/control/node-name.ts";

const NAMES = ["worker-0a1b2c3d", "worker-9z8y7x6w", "worker-two-11111111", "gateway-22222222", "5h2k9d0q"];

test.each([
  ["worker-0a1b2c3d", "worker-0a1b2c3d"],
  ["gateway", "gateway-22222222"],
  ["gate", "gateway-22222222"],
  ["worker-two", "worker-two-11111111"],
  ["worker-0", "worker-0a1b2c3d"],
  ["5h", "5h2k9d0q"],
])("%s is %s", (wanted, node) => {
  expect(pickNode(wanted, NAMES)).toBe(node);
});

test("a name that several were given is none of the others that begin with it", () => {
  expect(() => pickNode("worker", NAMES)).toThrow(
    '"worker" may be any of 2 nodes: worker-0a1b2c3d, worker-9z8y7x6w.',
  );
});

test("who cannot be found is told what is near, or who is there", () => {
  expect(() => pickNode("gatway-22222222", NAMES)).toThrow('did you mean "gateway-22222222"?');
  expect(() => pickNode("x", ["a-00000000", "b-00000000"])).toThrow("there are a-00000000, b-00000000.");
  expect(() => pickNode("x", [])).toThrow("no node answers.");
});
