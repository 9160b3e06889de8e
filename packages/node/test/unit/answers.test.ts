import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import type { OnAsk } from "@shoal/mesh/client";
import { expect, test } from "vitest";
import { answersOf } from "../../src/command/answers.ts";

const asking = { timeoutMs: 60_000, signal: new AbortController().signal };

/** A terminal, and somebody to ask there. */
function terminal(given: readonly string[] = []) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const shown: string[] = [];
  output.setEncoding("utf8").on("data", (text: string) => shown.push(text));
  let begun = 0;
  const onAsk = answersOf(given, () => begun++, {
    input,
    output: output as unknown as NodeJS.WriteStream,
  }) as OnAsk;
  return {
    onAsk,
    get shown() {
      return shown.join("");
    },
    get begun() {
      return begun;
    },
    /** Types a line, once all is printed. */
    async type(line: string): Promise<void> {
      for (let n = 0; n < 5; n++) await turn();
      input.write(`${line}\n`);
    },
    close: () => input.end(),
  };
}

test("a question is printed with who asks, and the next line is its answer", async () => {
  const person = terminal();
  const answer = person.onAsk({ agent: "janitor", prompt: "Delete it?" }, asking);
  await person.type("to the left");
  expect(await answer).toBe("to the left");
  expect(person.shown).toContain("janitor asks:");
  expect(person.shown).toContain("Delete it?");
  expect(person.begun).toBe(1);
});

test("several questions are asked one after the other", async () => {
  const person = terminal();
  const answers = ["a?", "b?"].map((prompt) => person.onAsk({ prompt }, asking));
  await person.type("first");
  expect(person.shown).not.toContain("b?");
  await answers[0];
  await person.type("second");
  expect([await answers[0], await answers[1]]).toEqual(["first", "second"]);
});

test("what was given answers first, and the person when it is used up", async () => {
  const person = terminal(["given"]);
  expect(await person.onAsk({ prompt: "a?" }, asking)).toBe("given");
  const answer = person.onAsk({ prompt: "b?" }, asking);
  await person.type("typed");
  expect(await answer).toBe("typed");
  expect(person.shown).not.toContain("a?");
});

test("an input that is closed is no answer, and no hang", async () => {
  const person = terminal();
  const answer = Promise.resolve(person.onAsk({ prompt: "a?" }, asking));
  person.close();
  await expect(answer).rejects.toMatchObject({
    code: "unavailable",
    message: 'nobody answers "a?": the input was closed.',
  });
});

test("a question that is over is asked no longer, and the next one can be answered", async () => {
  const person = terminal();
  const over = new AbortController();
  const first = Promise.resolve(person.onAsk({ prompt: "a?" }, { ...asking, signal: over.signal }));
  const never = Promise.resolve(person.onAsk({ prompt: "b?" }, { ...asking, signal: over.signal }));
  const next = person.onAsk({ prompt: "c?" }, asking);
  await turn();
  over.abort();
  await expect(first).rejects.toThrow();
  await expect(never).rejects.toThrow();
  await person.type("yes");
  expect(await next).toBe("yes");
  expect(person.shown).not.toContain("b?");
});

test("an agent's text does not control the terminal", async () => {
  const person = terminal();
  const prompt = "\u001B[2Jgone\u0007\u001B]0;title\u0007?";
  const answer = person.onAsk({ agent: "a\u001B[31m", prompt }, asking);
  await person.type("yes");
  await answer;
  expect(person.shown).toContain("gone?");
  expect(person.shown).not.toContain("\u001B[2J");
  expect(person.shown).not.toContain("\u0007");
});
