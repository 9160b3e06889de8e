import { afterAll, beforeEach, expect, test } from "vitest";
import type { Mesh, Question } from "../../src/index.ts";
import { guard } from "../support/asking-agents.ts";
import { mesh, numbers, outcomeOf } from "../support/chaos-mesh.ts";
import { MemberPool } from "../support/member-pool.ts";
import { MemberProcess } from "../support/member-process.ts";
import { startNatsServer } from "../../src/testing/nats-server.ts";

const server = await startNatsServer();
afterAll(() => server.stop());
let client: Mesh;
const pool = MemberPool.ofFile("guard", 2, server.url);
const attempts = (): number[] => pool.runs.map(({ attempt }) => attempt).toSorted((a, b) => a - b);

beforeEach(async () => {
  client = await mesh(server.url);
});

interface Heard {
  readonly prompt: string;
  readonly signal: AbortSignal;
  readonly say: (answer: string) => void;
}

/** Somebody who answers when told to. */
function thinker() {
  const questions: Heard[] = [];
  const onAsk = ({ prompt }: Question, { signal }: { signal: AbortSignal }): Promise<string> =>
    new Promise((say) => questions.push({ prompt, signal, say }));
  const heard = (count: number): Promise<void> =>
    expect.poll(() => questions.length, { timeout: 10_000 }).toBe(count);
  return { questions, onAsk, heard };
}

test("P4, AK6: when the replica that asks is killed, another asks anew, and what the first has asked is over", async () => {
  const { questions, onAsk, heard } = thinker();
  const checking = client.agent(guard).check({ prompts: ["Go on?"] }, { onAsk, timeout: "20s" });
  await heard(1);
  (await pool.firstToBegin()).kill();
  await heard(2);
  expect(questions.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  questions[0]?.say("to the dead");
  questions[1]?.say("to the living");
  expect(await checking).toEqual(["to the living"]);
  expect(attempts()).toEqual([1, 2]);
});

test("P4, AK2: what may not be repeated ends as replica_lost, and its question with it", async () => {
  const { questions, onAsk, heard } = thinker();
  const asking = outcomeOf(client.agent(guard).ask({ prompts: ["Go on?"] }, { onAsk, timeout: "20s" }));
  await heard(1);
  (await pool.firstToBegin()).kill();
  expect(await asking).toBe("replica_lost");
  expect(questions.map(({ signal }) => signal.aborted)).toEqual([true]);
});

test("L3, AK6: what a replica asks that was stopped with SIGSTOP, and was given up, reaches nobody", async () => {
  const { questions, onAsk, heard } = thinker();
  const checking = client.agent(guard).check({ prompts: ["Go on?"] }, { onAsk, timeout: "30s" });
  await heard(1);
  const victim = await pool.firstToBegin();
  victim.signal("SIGSTOP");
  await expect.poll(() => questions.length, { timeout: 10_000 }).toBe(2);
  victim.signal("SIGCONT");
  expect((await victim.hears("ended")).outcome).toBe("cancelled");
  questions[1]?.say("yes");
  expect(await checking).toEqual(["yes"]);
  expect(questions).toHaveLength(2);
  expect(questions[0]?.signal.aborted).toBe(true);
});

test("AK7: when the caller is killed, the handler that waits for its answer is told so", async () => {
  const caller = await MemberProcess.start(server.url, ["mute"]);
  const lost = client.call("mute.ask", { prompts: ["Go on?"] }, { timeout: "30s" });
  lost.catch(() => {});
  const asking = await pool.firstToBegin();
  const killedAt = performance.now();
  caller.kill();
  expect((await asking.hears("ended")).outcome).toBe("cancelled");
  // Five questions, a second apart: long before any deadline.
  expect(performance.now() - killedAt).toBeLessThan(15_000);
});

test("AK4: questions and answers outlive a restart of NATS", async () => {
  const { questions, onAsk, heard } = thinker();
  const prompts = numbers(20).map((n) => `${n}?`);
  const asking = client.agent(guard).ask({ prompts }, { onAsk, timeout: "30s" });
  await heard(20);
  await server.kill();
  // These are said to nobody.
  for (const { prompt, say } of questions.slice(0, 10)) say(`${prompt} before`);
  await server.restart();
  for (const { prompt, say } of questions.slice(10)) say(`${prompt} after`);
  expect(await asking).toEqual(prompts.map((prompt, n) => `${prompt} ${n < 10 ? "before" : "after"}`));
  expect(questions).toHaveLength(20);
  expect(attempts()).toEqual(prompts.map(() => 1));
});
