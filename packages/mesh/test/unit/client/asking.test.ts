import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import {
  type AskOptions,
  type Context,
  type Duration,
  MeshError,
  type Question,
  defineAgent,
} from "../../../src/index.ts";
import { Frame, Kind } from "../../../src/protocol/frame.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import type { Published } from "../../../src/testing/tapped-transport.ts";
import { type Watcher, guard, guardAgent } from "../../support/asking-agents.ts";

/** A mesh with a guard, and a caller. */
async function guarded(watcher: Watcher = {}) {
  const world = new InProcessMesh();
  const host = await world.join();
  await host.mesh.serve(guardAgent(watcher));
  const client = await world.join();
  return { world, host, client, agent: client.mesh.agent(guard) };
}

/** Somebody who answers when told to. */
function thinker() {
  const questions: { prompt: string; signal: AbortSignal; say: (answer: string) => void }[] = [];
  const onAsk = ({ prompt }: Question, { signal }: { signal: AbortSignal }): Promise<string> =>
    new Promise((say) => questions.push({ prompt, signal, say }));
  return { questions, onAsk };
}

/** Loses the first messages of a kind. */
function losing(kind: number, times: number): (published: Published) => boolean {
  let left = times;
  return (published) => published.kind !== kind || left-- <= 0;
}

test("a handler asks its caller in mid-flight, and gets the answer", async () => {
  const { world, agent } = await guarded();
  const asked: Question[] = [];
  const answers = await world.settle(
    agent.ask(
      { prompts: ["Delete it?"] },
      {
        onAsk: (question) => {
          asked.push(question);
          return "yes";
        },
      },
    ),
  );
  expect(answers).toEqual(["yes"]);
  expect(asked).toEqual([{ agent: "guard", prompt: "Delete it?" }]);
  await world.close();
});

test("AK1: several questions wait at once, and each gets its own answer, in any order", async () => {
  const { world, agent } = await guarded();
  const { questions, onAsk } = thinker();
  const asking = agent.ask({ prompts: ["a", "b", "c"] }, { onAsk });
  await world.advance("50ms");
  expect(questions.map(({ prompt }) => prompt)).toEqual(["a", "b", "c"]);
  for (const { prompt, say } of questions.toReversed()) say(prompt.toUpperCase());
  expect(await world.settle(asking)).toEqual(["A", "B", "C"]);
  await world.close();
});

test("a stream asks between its chunks", async () => {
  const { world, agent } = await guarded();
  const chunks = agent.tell({ prompts: ["a", "b"] }, { onAsk: ({ prompt }) => `${prompt}!` }).collect();
  expect(await world.settle(chunks)).toEqual(["a!", "b!"]);
  await world.close();
});

test("AK3: a caller without `onAsk` is not waited for, and the error says what to do", async () => {
  const { world, agent } = await guarded();
  const begunAt = world.clock.now();
  const failing = world.settle(agent.ask({ prompts: ["Delete it?"] }));
  await expect(failing).rejects.toMatchObject({
    code: "unavailable",
    retryable: false,
    message:
      'guard.ask asks "Delete it?", and its caller answers no questions: call it with `onAsk`, or by `shoal call`, on a terminal or with --answer.',
  });
  expect(world.clock.now() - begunAt).toBeLessThan(50);
  await world.close();
});

test("AK3: a plain caller, and a request that several wait for, cannot ask anybody", async () => {
  const { world, agent } = await guarded();
  const outsider = world.outsider();
  const replies: string[] = [];
  outsider.subscribe("answers", ({ payload }) => void replies.push(Buffer.from(payload).toString()));
  outsider.publish("mesh.guard.ask", Buffer.from('{"prompts":["Delete it?"]}'), { reply: "answers" });
  await world.advance("50ms");
  expect(JSON.parse(replies[0] ?? "")).toMatchObject({ error: "unavailable" });
  const shared = world.settle(agent.cached("Delete it?", { onAsk: () => "yes" }));
  await expect(shared).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("a method that keeps its answers asks nobody") as string,
  });
  await world.close();
});

test("AK1: a question that nobody answers in time is a timeout, and a late answer changes nothing", async () => {
  const { world, agent } = await guarded();
  const { questions, onAsk } = thinker();
  const asking = agent.outcomes({ prompts: ["a"], timeout: 2_000 }, { onAsk });
  await world.advance("1900ms");
  expect(questions[0]?.signal.aborted).toBe(false);
  expect(await world.settle(asking)).toEqual(["timeout"]);
  expect(questions[0]?.signal.aborted).toBe(true);
  questions[0]?.say("too late");
  await world.advance("2s");
  await world.close();
});

test("AK1: an error of `onAsk` is the question's, by its code; any other is `unavailable`", async () => {
  const { world, agent } = await guarded();
  const ask = (thrown: unknown): Promise<string[]> =>
    world.settle(
      agent.outcomes(
        { prompts: ["a"] },
        {
          onAsk: () => {
            throw thrown;
          },
        },
      ),
    );
  expect(await ask(new MeshError("forbidden", "not you."))).toEqual(["forbidden"]);
  expect(await ask(new Error("broken"))).toEqual(["unavailable"]);
  // Neither may have the handler's own actor fail, nor its work done again.
  expect(await ask(new MeshError("internal", "broken"))).toEqual(["unavailable"]);
  expect(await ask(new MeshError("replica_lost", "gone"))).toEqual(["unavailable"]);
  const answer = agent.outcomes({ prompts: ["a"] }, { onAsk: () => 42 as unknown as string });
  expect(await world.settle(answer)).toEqual(["bad_request"]);
  await world.close();
});

test("AK1: an answer that does not fit into a message is told as such", async () => {
  const world = new InProcessMesh({ maxPayload: 10_000 });
  await world.serve(guardAgent());
  const client = await world.member();
  const asking = client.agent(guard).outcomes({ prompts: ["a"] }, { onAsk: () => "x".repeat(20_000) });
  expect(await world.settle(asking)).toEqual(["too_large"]);
  const telling = client.agent(guard).outcomes({ prompts: ["a"] }, { onAsk: () => "y" });
  expect(await world.settle(telling)).toEqual(["y"]);
  await world.close();
});

test.each([
  ["the deadline", "deadline_exceeded"],
  ["a cancel", "cancelled"],
])("AK2: %s of the request ends its question, on both sides", async (how, code) => {
  const ended: string[] = [];
  const { world, agent } = await guarded({ ended: (outcome) => ended.push(outcome) });
  const { questions, onAsk } = thinker();
  const leaving = new AbortController();
  const asking = agent.ask({ prompts: ["a"] }, { onAsk, timeout: "3s", signal: leaving.signal });
  asking.catch(() => {});
  await world.advance("100ms");
  if (how === "a cancel") leaving.abort();
  await world.advance("3s");
  await expect(asking).rejects.toMatchObject({ code });
  expect(ended).toEqual([code]);
  expect(questions[0]?.signal.aborted).toBe(true);
  await world.close();
});

test("AK2: a handler that returns takes its questions with it, and none of them is an unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const { world, agent } = await guarded();
  const { questions, onAsk } = thinker();
  expect(await world.settle(agent.leave({ prompts: ["a"] }, { onAsk }))).toBe("left");
  expect(await world.settle(agent.leave({ prompts: ["b"] }))).toBe("left");
  await world.advance("2s");
  expect(unhandled).toEqual([]);
  expect(questions.every(({ signal }) => signal.aborted)).toBe(true);
  await world.close();
});

test.each([
  ["question", Kind.ask, "host"],
  ["answer", Kind.answer, "client"],
] as const)(
  "AK4, AK6: a %s that is lost is said again, and its caller is asked once",
  async (_what, kind, from) => {
    const { world, agent, ...ends } = await guarded();
    ends[from].transport.onPublish = losing(kind, 2);
    const asked: string[] = [];
    const onAsk = ({ prompt }: Question): string => {
      asked.push(prompt);
      return "yes";
    };
    expect(await world.settle(agent.ask({ prompts: ["a"] }, { onAsk }))).toEqual(["yes"]);
    expect(asked).toEqual(["a"]);
    await world.close();
  },
);

test("AK5: of an answer that comes twice the first counts", async () => {
  const { world, client, agent } = await guarded();
  world.faults.duplicate("mesh._.at.*");
  const onAsk = ({ prompt }: Question): string => `${prompt}!`;
  expect(await world.settle(agent.ask({ prompts: ["a", "b"] }, { onAsk }))).toEqual(["a!", "b!"]);
  expect(client.mesh.status).toBe("connected");
  await world.close();
});

test("AK5: a request that comes again under its key is asked what is open, and answers for both", async () => {
  const { world, client, agent } = await guarded();
  const other = await world.member();
  const { questions, onAsk } = thinker();
  const first = agent.ask({ prompts: ["a"] }, { onAsk, idempotencyKey: "one" });
  await world.advance("50ms");
  const joinedAt = world.clock.now();
  const second = other
    .agent(guard)
    .ask({ prompts: ["a"] }, { onAsk: ({ prompt }) => `${prompt}, says the other`, idempotencyKey: "one" });
  expect(await world.settle(second)).toEqual(["a, says the other"]);
  expect(world.clock.now() - joinedAt).toBeLessThan(100);
  expect(await world.settle(first)).toEqual(["a, says the other"]);
  expect(questions).toHaveLength(1);
  expect(questions[0]?.signal.aborted).toBe(true);
  expect(client.mesh.status).toBe("connected");
  await world.close();
});

test("AK7: when the caller dies, its request is given up soon after", async () => {
  const ended: string[] = [];
  const { world, client, agent } = await guarded({ ended: (outcome) => ended.push(outcome) });
  const { onAsk } = thinker();
  void agent.ask({ prompts: ["a"] }, { onAsk }).catch(() => {});
  await world.advance("100ms");
  await world.kill(client.mesh);
  await world.advance("3s");
  // It may be back.
  expect(ended).toEqual([]);
  await world.advance("3s");
  expect(ended).toEqual(["cancelled"]);
  await world.close();
});

test("a call of this process asks too, without the network", async () => {
  const world = new InProcessMesh();
  const mesh = await world.member({ local: "prefer" });
  await mesh.serve(guardAgent());
  const onAsk = ({ prompt }: Question): string => `${prompt}!`;
  const { agent } = { agent: mesh.agent(guard) };
  expect(await world.settle(agent.ask({ prompts: ["a"] }, { onAsk }))).toEqual(["a!"]);
  expect(await world.settle(agent.outcomes({ prompts: ["a"] }))).toEqual(["unavailable"]);
  await world.close();
});

test("AK7: a caller that is back in time is asked as before", async () => {
  const { world, client, agent } = await guarded();
  const { questions, onAsk } = thinker();
  const asking = agent.ask({ prompts: ["a"] }, { onAsk });
  await world.advance("100ms");
  client.transport.become("disconnected");
  await world.advance("3s");
  client.transport.become("connected");
  await world.advance("10s");
  questions[0]?.say("still here");
  expect(await world.settle(asking)).toEqual(["still here"]);
  expect(questions).toHaveLength(1);
  await world.close();
});

test("a question that waits for long is no sign of death: its request stays where it is", async () => {
  const attempts: number[] = [];
  const { world, agent } = await guarded({ asks: ({ request }) => void attempts.push(request.attempt) });
  const { questions, onAsk } = thinker();
  const checking = agent.check({ prompts: ["a"], timeout: 300_000 }, { onAsk, timeout: "10m" });
  const telling = agent.tell({ prompts: ["b"], timeout: 300_000 }, { onAsk, timeout: "10m" }).collect();
  await world.advance("200s");
  for (const { prompt, say } of questions) say(`${prompt}!`);
  expect(await world.settle(Promise.all([checking, telling]))).toEqual([["a!"], ["b!"]]);
  expect(attempts).toEqual([1, 1]);
  expect(questions).toHaveLength(2);
  await world.close();
});

test("a request that was moved asks from where it is", async () => {
  const { world, agent } = await guarded();
  const { questions, onAsk } = thinker();
  const prompts = Array.from({ length: 20 }, (_each, n) => `${n}`);
  const asking = prompts.map((prompt) => agent.ask({ prompts: [prompt] }, { onAsk }));
  await world.advance("1s");
  const other = await world.join();
  const moves: number[] = [];
  other.transport.onPublish = ({ kind, payload }) => {
    if (kind === Kind.ask) moves.push(new Frame(payload).moves);
    return true;
  };
  await other.mesh.serve(guardAgent());
  for (let said = 0; said < prompts.length;) {
    await world.advance("1s");
    for (; said < questions.length; said++) questions[said]?.say(`${questions[said]?.prompt}!`);
  }
  expect(await world.settle(Promise.all(asking))).toEqual(prompts.map((prompt) => [`${prompt}!`]));
  expect(moves).toContain(1);
  await world.close();
});

test.each<[string, unknown, AskOptions, string]>([
  [
    "nothing",
    "  ",
    {},
    "bad.ask asks its caller nothing: a question is a text, or an object with a `prompt`",
  ],
  ["no prompt", { text: "?" }, {}, "bad.ask asks its caller nothing"],
  [
    "no time",
    "?",
    { timeout: "soon" as Duration },
    'bad.ask asks its caller: timeout "soon" is not a duration',
  ],
  ["what cannot be sent", { prompt: "?", how: () => 1 }, {}, "the question cannot be sent"],
])("a handler that asks %s is told what is wrong with it", async (_what, question, options, message) => {
  const world = new InProcessMesh();
  const run = (_input: unknown, ctx: Context): Promise<string> => ctx.ask(question as Question, options);
  await world.serve(
    defineAgent({ name: "bad", version: "1.0.0", methods: { ask: { input: z.unknown(), run } } }),
  );
  const client = await world.member();
  const asking = world.settle(client.call("bad.ask", undefined, { onAsk: () => "yes" }));
  await expect(asking).rejects.toMatchObject({
    code: "internal",
    message: expect.stringContaining(message) as string,
  });
  await world.close();
});
