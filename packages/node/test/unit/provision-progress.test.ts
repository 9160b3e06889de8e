import { expect, test } from "vitest";
import { createReporter, elapsed } from "../../provision/index.mjs";

function screen(isTTY: boolean): {
  isTTY: boolean;
  columns: number;
  text: string;
  write(text: string): void;
} {
  return {
    isTTY,
    columns: 40,
    text: "",
    write(text) {
      this.text += text;
    },
  };
}

test("a terminal shows progress in one line that the next line replaces", () => {
  const terminal = screen(true);
  let now = 0;
  const { onStep } = createReporter(terminal, () => now);
  now = 200;
  onStep({ kind: "progress", text: "downloading", fraction: 0.256 });
  onStep({ kind: "progress", text: "downloading", fraction: 0.257 });
  now = 400;
  onStep({ kind: "progress", text: "x".repeat(60), fraction: 0.5 });
  onStep({ kind: "info", text: "done" });
  const lines = terminal.text.split("\r\u001B[2K");
  expect(lines).toEqual(["", "downloading 25 %", `${"x".repeat(34)} 50 %`, "done\n"]);
});

test("elsewhere only whole lines come, and a sign of life each half minute", () => {
  const log = screen(false);
  let now = 0;
  const { onStep, clear } = createReporter(log, () => now);
  onStep({ kind: "info", text: "building" });
  for (now = 1_000; now <= 35_000; now += 1_000) onStep({ kind: "progress", text: `at ${now / 1000} s` });
  onStep({ kind: "warning", text: "old" });
  clear();
  expect(log.text).toBe("building\nat 30 s\nwarning: old\n");
});

test.each([
  [40, "0.0 s"],
  [1_249, "1.2 s"],
  [59_940, "59.9 s"],
  [60_000, "1 min 00 s"],
  [125_400, "2 min 05 s"],
])("%i ms is %s", (ms, text) => {
  expect(elapsed(ms)).toBe(text);
});
