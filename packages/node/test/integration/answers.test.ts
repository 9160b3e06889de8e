import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";
import { type Ended, Shoal, type ShoalOptions, cleanUp, shoal } from "../support/shoal.ts";

const ASKER = fileURLToPath(new URL("../fixtures/asker.ts", import.meta.url));

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer();
  await new Shoal(["node", ASKER, "--nats", server.url]).prints(/serving asker/);
});
afterAll(async () => {
  await cleanUp();
  await server.stop();
});

function call(args: readonly string[], options?: ShoalOptions): Promise<Ended> {
  return shoal(["call", ...args, "--nats", server.url], options);
}

test("--answer answers an agent that asks, each question with the next", async () => {
  expect(await call(["asker.remove", "x", "--answer", "yes"])).toEqual({
    code: 0,
    stdout: "x is gone\n",
    stderr: "",
  });
  const { stdout } = await call(["asker.tale", "Tom", "--answer", "left", "--answer", "Night"]);
  expect(stdout).toBe("Tom stands at a fork. Tom goes left. It is Night.\n");
});

test("without a terminal and without --answer nothing hangs: the error says what to do", async () => {
  const { code, stderr } = await call(["asker.remove", "x"]);
  expect(code).toBe(3);
  expect(stderr).toBe(
    'shoal: asker.remove asks "Delete x?", and its caller answers no questions: call it with `onAsk`, ' +
      "or by `shoal call`, on a terminal or with --answer. (unavailable)\n",
  );
});

test("when the answers do not suffice, the error says which question has none", async () => {
  const { code, stdout, stderr } = await call(["asker.tale", "Tom", "--answer", "left"]);
  expect({ code, stdout }).toEqual({ code: 3, stdout: "Tom stands at a fork. Tom goes left. \n" });
  expect(stderr).toBe(
    'shoal: no answer is left for "Day or night?": give one more --answer, or call from a terminal. (unavailable)\n',
  );
});

test("an input that comes by a pipe leaves questions to --answer", async () => {
  const piped = await call(["asker.remove", "-", "--answer", "yes"], { stdin: "x" });
  expect(piped.stdout).toBe("x is gone\n");
});
