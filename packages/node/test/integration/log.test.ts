import { execFileSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";

/** What a process logs to its standard output. */
function logged(level: string, pretty: boolean, statements: string): string {
  const file = new URL("../../src/log.ts", import.meta.url).href;
  const script = `import { createLogger } from ${JSON.stringify(file)};
const log = await createLogger(${JSON.stringify(level)}, { pretty: ${pretty} });
${statements}`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
}

test("JSON lines with a time, and never a secret", () => {
  const lines = logged(
    "info",
    false,
    'log.debug({}, "not now"); log.child({ request: "r1" }).info({ password: "p1", nats: { token: "t1", creds: "c1" } }, "hello");',
  );
  expect(JSON.parse(lines)).toEqual({
    level: 30,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    request: "r1",
    password: "…",
    nats: { token: "…", creds: "…" },
    msg: "hello",
  });
});

test("for people: who, what, which request, the rest behind it", () => {
  const line = logged(
    "info",
    true,
    'log.info({ node: "n1", agent: "echo", method: "say", request: "r1", trace: "t1", words: 2 }, "hello");',
  );
  expect(line).toBe(stripVTControlCharacters(line));
  expect(line).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: \[n1\] echo\.say hello \(r1\) \{"words":2\}\n$/);
});

test("a level that changes while the process runs holds for loggers that were made before", () => {
  const file = new URL("../../src/log-level.ts", import.meta.url).href;
  const script = `import { LogLevel } from ${JSON.stringify(file)};
const level = new LogLevel("info");
const child = (await createLogger(level, { pretty: false })).child({ node: "one" });
child.debug({}, "not yet");
level.current = "debug";
child.debug({}, "now");
level.current = "silent";
child.fatal({}, "no more");`;
  const lines = logged("info", false, script).trim().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(["now"]);
});
