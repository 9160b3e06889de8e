import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { MeshError } from "@shoal/mesh/client";
import { afterEach, expect, test, vi } from "vitest";
import { WriteStream } from "node:tty";
import { report } from "../../src/command/failure.ts";
import { paint, table } from "../../src/command/output.ts";
import { Printer } from "../../src/command/printer.ts";
import { ConfigError, shown } from "../../src/config/problem.ts";
import { masked } from "../../src/process/masked.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("a table: words to the left, numbers to the right, no blanks at the end", () => {
  const rows = [
    { name: "a", count: 5, note: "" },
    { name: "longer", count: 1_234, note: "x" },
  ];
  const text = table(rows, [
    { title: "NAME", value: ({ name }) => name },
    { title: "COUNT", value: ({ count }) => count },
    { title: "NOTE", value: ({ note }) => note },
  ]);
  expect(stripVTControlCharacters(text)).toBe("NAME    COUNT  NOTE\na           5\nlonger   1234  x");
});

test("a table without rows is its head", () => {
  expect(table([], [{ title: "NAME", value: () => "" }])).toContain("NAME");
});

/** What a printer writes of these values. */
async function printed(values: readonly unknown[], json = false, isTTY = false): Promise<string> {
  const out = new PassThrough() as PassThrough & { isTTY?: boolean };
  out.isTTY = isTTY;
  const printer = new Printer(json, out as unknown as NodeJS.WriteStream);
  for (const value of values) await printer.write(value);
  printer.end();
  return (out.read() as Buffer | null)?.toString("latin1") ?? "";
}

test("text as it is, with one newline at the end", async () => {
  expect(await printed(["a", "b ", "c"])).toBe("ab c\n");
  expect(await printed(["line\n"])).toBe("line\n");
  expect(await printed([""])).toBe("");
});

test("values a line each; on a terminal they are set out", async () => {
  expect(await printed([{ a: 1 }, null, 5, false])).toBe('{"a":1}\nnull\n5\nfalse\n');
  expect(await printed([{ a: 1 }], false, true)).toBe('{\n  "a": 1\n}\n');
  expect(await printed(["text", { a: 1 }])).toBe('text\n{"a":1}\n');
  expect(await printed([undefined])).toBe("");
});

test("bytes untouched, without a newline", async () => {
  expect(await printed([Uint8Array.of(0, 255, 10), Uint8Array.of(128)])).toBe("\u0000\u00FF\n\u0080");
});

test("--json: one line for each value; bytes as base64, a bigint as its digits", async () => {
  const values = ["a\nb", undefined, { bytes: Buffer.from("hi"), big: 12n, at: new Date(0) }];
  expect(await printed(values, true)).toBe(
    '"a\\nb"\nnull\n{"bytes":"aGk=","big":"12","at":"1970-01-01T00:00:00.000Z"}\n',
  );
});

test("a reader that has gone is not waited for", async () => {
  const out = new PassThrough({ highWaterMark: 1 });
  const printer = new Printer(false, out as unknown as NodeJS.WriteStream);
  const writing = printer.write("more than fits");
  out.destroy();
  await writing;
  expect(out.listenerCount("drain")).toBe(0);
});

test.each([
  [new MeshError("unavailable", "nobody."), 3],
  [new MeshError("deadline_exceeded", "late."), 4],
  [new MeshError("timeout", "late."), 4],
  [new MeshError("cancelled", "gone."), 130],
  [new MeshError("internal", "broken.", { agent: "a" }), 1],
  [new MeshError("bad_request", "the agent refuses.", { agent: "a" }), 1],
  [new MeshError("bad_request", "no such root."), 2],
  [new ConfigError([{ file: "shoal.yaml", path: "", message: "wrong" }]), 2],
  [new Error("anything"), 1],
  ["a string", 1],
])("%s: exit code %i, one line, no stack", (error, code) => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(report(error)).toBe(code);
  const said = write.mock.calls.map(([text]) => String(text)).join("");
  expect(stripVTControlCharacters(said)).toMatch(/^shoal: .*\n$/);
});

test("a stack when asked for", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  report(new Error("deep"), { verbose: true });
  expect(write.mock.calls.map(([text]) => String(text)).join("")).toMatch(/\n {4}at /);
});

test.each([
  ["nats://ann:s3cret@host:4222", "nats://…@host:4222"],
  ["nats://t0ken@host", "nats://…@host"],
  ["ann:s3cret@host:4222", "…@host:4222"],
  ["nats://ann:p@ss@host", "nats://…@host"],
  ["nats://host:4222", "nats://host:4222"],
])("%s is shown as %s", (address, expected) => {
  expect(masked(address)).toBe(expected);
  expect(masked([address, "b:1"])).toBe(`${expected}, b:1`);
});

test("files below this directory are shown as a person here would write them", () => {
  expect(shown(`${process.cwd()}/a/b.yaml`)).toBe("a/b.yaml");
  expect(shown("/elsewhere/b.yaml")).toBe("/elsewhere/b.yaml");
  expect(shown("$SHOAL_ROOT")).toBe("$SHOAL_ROOT");
});

test("colour on a terminal that wants it", () => {
  const { getColorDepth } = WriteStream.prototype;
  const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth });
  const painted = (stream: PassThrough): string =>
    paint("bold", "x", stream as unknown as NodeJS.WriteStream);
  for (const name of ["NO_COLOR", "FORCE_COLOR", "CI", "TMUX"]) vi.stubEnv(name, undefined);
  vi.stubEnv("TERM", "xterm-256color");
  expect(painted(terminal)).toBe("\u001B[1mx\u001B[22m");
  expect(painted(new PassThrough())).toBe("x");
  vi.stubEnv("NO_COLOR", "1");
  expect(painted(terminal)).toBe("x");
});
