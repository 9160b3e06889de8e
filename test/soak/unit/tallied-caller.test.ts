import { test } from "@shoal/mesh/testing/vitest";
import { MeshError, defineAgent } from "@shoal/mesh";
import { expect } from "vitest";
import { z } from "zod";
import { TalliedCaller } from "../tallied-caller.ts";
import { Tally } from "../tally.ts";

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  concurrency: 8,
  methods: {
    say: {
      input: z.string(),
      output: z.string(),
      run(text) {
        if (text === "no") throw new MeshError("conflict", "as asked");
        return text;
      },
    },
    spell: {
      input: z.string(),
      chunk: z.string(),
      *run(text) {
        yield* text;
        if (text === "no") throw new MeshError("conflict", "as asked");
      },
    },
  },
});

test("SO1: calls and streams are entered once, by how they ended and who answered", async ({ mesh }) => {
  const hosting = await mesh.serve(echo);
  const app = await mesh.member();
  const tally = new Tally();
  const { say, spell } = new TalliedCaller(app, tally).agent(echo);
  expect(await mesh.settle(say("hi"))).toBe("hi");
  await expect(mesh.settle(say("no"))).rejects.toMatchObject({ code: "conflict" });
  expect(await mesh.settle(spell("hi").collect())).toEqual(["h", "i"]);
  await expect(mesh.settle(spell("no").collect())).rejects.toMatchObject({ code: "conflict" });
  const leave = async (): Promise<void> => {
    for await (const letter of spell("abc")) if (letter === "a") break;
  };
  await mesh.settle(leave());
  expect(tally.take()).toEqual({
    "echo.say": { outcomes: { ok: 1, conflict: 1 }, answers: { [hosting.id]: 2 }, attempts: 2 },
    "echo.spell": { outcomes: { ok: 1, conflict: 1, left: 1 }, answers: { [hosting.id]: 2 }, attempts: 3 },
  });
});
