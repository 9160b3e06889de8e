import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Screen } from "../../../src/top/screen.ts";

function terminal() {
  const writes: string[] = [];
  const raw: boolean[] = [];
  const out = Object.assign(new PassThrough(), { columns: 80, rows: 24 });
  out.write = (text: unknown) => writes.push(String(text)) > 0;
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (is: boolean) => raw.push(is) });
  const screen = new Screen(out as unknown as NodeJS.WriteStream, input as unknown as NodeJS.ReadStream);
  return { screen, writes, raw };
}

test("IN8: a frame is one write, and the same one again is none", () => {
  const { screen, writes } = terminal();
  screen.open();
  screen.draw(["a", "b"]);
  screen.draw(["a", "b"]);
  expect(writes).toHaveLength(2);
  expect(writes[1]).toContain("\u001B[Ha\u001B[K\r\nb\u001B[K\u001B[J");
  screen.forget();
  screen.draw(["a", "b"]);
  expect(writes).toHaveLength(3);
});

test("IN9: the terminal is as it was when it is closed, and closed twice is once", () => {
  const { screen, writes, raw } = terminal();
  screen.draw(["too early"]);
  screen.open();
  screen.close();
  screen.close();
  screen.draw(["too late"]);
  expect(raw).toEqual([true, false]);
  expect(writes).toEqual(["\u001B[?1049h\u001B[?25l\u001B[2J", "\u001B[?25h\u001B[?1049l"]);
});
