import { MeshError, type Port, type StreamOptions } from "@shoal/mesh";
import { InProcessMesh } from "@shoal/mesh/testing";
import { expect, test } from "vitest";
import { Answer } from "../../../src/protocol/host/answer.ts";
import { Exchange } from "../../../src/protocol/caller/exchange.ts";
import type { Instance } from "../../../src/protocol/caller/instance.ts";
import { hostProtocol } from "../../../src/index.ts";
import { ForeignHost } from "../../support/foreign-host.ts";
import { parrot } from "../../support/prompt-agents.ts";
import { ACKED, END, type Heard, Stranger, chunk } from "../../support/stranger.ts";

/** Asks, as a handler does. */
type OnAsk = (question: { prompt: string }, asking?: { signal: AbortSignal }) => Promise<string>;

interface Query {
  id: string;
  reply_subject: string;
  prompt: string;
}

function queryIn({ text }: Heard): Query {
  const { type, data } = JSON.parse(text) as { type: string; data: Query };
  expect(type).toBe("query");
  return data;
}

/** A mesh whose agent asks by `onAsk` before it answers. */
function asking(port: Port, ask: (onAsk: OnAsk) => Promise<string>): Parameters<typeof hostProtocol>[0] {
  const patient = { timeoutMs: 60_000, signal: new AbortController().signal };
  const say = (_input: unknown, { onAsk }: StreamOptions): Promise<string> =>
    ask(async (question, { signal } = patient) => onAsk?.(question, { ...patient, signal }) ?? "");
  return { port, root: "mesh", agent: () => ({ say }) as never };
}

test("what an agent asks is a query, and the first reply to it is the answer", async () => {
  await using mesh = new InProcessMesh();
  const member = await mesh.member();
  const both = async (onAsk: OnAsk): Promise<string> =>
    (await Promise.all([onAsk({ prompt: "name?" }), onAsk({ prompt: "age?" })])).join(" ");
  await hostProtocol(asking(member.port, both), parrot, { owner: "me" });
  const stranger = new Stranger(mesh.outsider());
  const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.parrot", "go");
  await mesh.advance("1s");
  expect(heard).toHaveLength(3);
  const [name, age] = heard.slice(1).map(queryIn) as [Query, Query];
  expect([name.prompt, age.prompt]).toEqual(["name?", "age?"]);
  expect(name.id).not.toBe(age.id);
  // One as JSON, one as text, and one too many.
  stranger.transport.publish(age.reply_subject, Buffer.from('{"prompt":"7"}'));
  stranger.transport.publish(name.reply_subject, Buffer.from("Mimi"));
  stranger.transport.publish(name.reply_subject, Buffer.from("Momo"));
  await mesh.advance("1s");
  expect(heard.slice(3)).toEqual([chunk("response", "Mimi 7"), END]);
  stop();
});

test("a reply that cannot be read is the question's error", async () => {
  await using mesh = new InProcessMesh();
  const member = await mesh.member();
  await hostProtocol(
    asking(member.port, (onAsk) => onAsk({ prompt: "name?" })),
    parrot,
    { owner: "me" },
  );
  const stranger = new Stranger(mesh.outsider());
  const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.parrot", "go");
  await mesh.advance("1s");
  stranger.transport.publish(queryIn(heard[1] as Heard).reply_subject, Buffer.from("{"));
  await mesh.advance("1s");
  expect(heard.slice(2).map(({ code }) => code)).toEqual(["400", undefined]);
  stop();
});

test("a question ends with its answer, and when it is withdrawn", async () => {
  await using mesh = new InProcessMesh();
  const { port } = await mesh.member();
  const stranger = new Stranger(mesh.outsider());
  const { heard, stop } = stranger.hear("caller");
  const answer = new Answer(port, "caller", 30_000, () => {});
  answer.begin();
  const withdraw = new AbortController();
  const withdrawn = expect(answer.ask("first?", withdraw.signal)).rejects.toMatchObject({
    code: "cancelled",
  });
  withdraw.abort();
  await withdrawn;
  const left = expect(answer.ask("second?")).rejects.toMatchObject({ code: "cancelled" });
  answer.end();
  await left;
  await expect(answer.ask("third?")).rejects.toMatchObject({ code: "cancelled" });
  await mesh.advance("1m");
  expect(heard.map((each) => (each.text.includes("query") ? queryIn(each).prompt : each))).toEqual([
    ACKED,
    "first?",
    "second?",
    END,
  ]);
  stop();
});

const INSTANCE: Instance = {
  id: "ONE",
  agent: "pi",
  owner: "bob",
  name: "main",
  subject: "agents.prompt.pi.bob.main",
  maxPayload: undefined,
  attachmentsOk: true,
};

function exchange(port: Port, ask: (prompt: string) => Promise<string>): AsyncGenerator<string> {
  const { signal } = new AbortController();
  const prompt = { text: "go", attachments: [] };
  return new Exchange({ port, instance: INSTANCE, prompt, silenceMs: 60_000, signal, ask }).texts();
}

test("a query is passed on, and answered once; the time that takes is no silence", async () => {
  await using mesh = new InProcessMesh();
  const { port } = await mesh.member();
  const outsider = mesh.outsider();
  const replies = new Stranger(outsider).hear("replies");
  const host = new ForeignHost(outsider, {
    onPrompt: (prompt) => prompt.say("query", { id: "1", reply_subject: "replies", prompt: "sure?" }),
  });
  const asked: string[] = [];
  const human = Promise.withResolvers<string>();
  const texts = exchange(port, (prompt) => {
    asked.push(prompt);
    return human.promise;
  });
  const first = texts.next();
  await mesh.advance("5m");
  expect(asked).toEqual(["sure?"]);
  expect(replies.heard).toEqual([]);
  human.resolve("yes");
  await mesh.advance("1s");
  expect(replies.heard).toEqual([{ ...END, text: '{"prompt":"yes"}' }]);
  host.prompts[0]?.say("response", "good");
  await mesh.advance("1s");
  expect(await first).toEqual({ done: false, value: "good" });
  // From now on silence counts again.
  const ended = expect(texts.next()).rejects.toMatchObject({ code: "timeout" });
  await mesh.advance("61s");
  await ended;
  replies.stop();
  host.leave();
});

test("when a query has been answered, silence counts from then on", async () => {
  await using mesh = new InProcessMesh();
  const { port } = await mesh.member();
  const host = new ForeignHost(mesh.outsider(), {
    onPrompt: (prompt) => prompt.say("query", { id: "1", reply_subject: "replies", prompt: "sure?" }),
  });
  const ended = expect(exchange(port, () => Promise.resolve("yes")).next()).rejects.toMatchObject({
    code: "timeout",
  });
  await mesh.advance("61s");
  await ended;
  host.leave();
});

test("a query that nobody answers ends the exchange with that error", async () => {
  await using mesh = new InProcessMesh();
  const { port } = await mesh.member();
  const host = new ForeignHost(mesh.outsider(), {
    onPrompt: (prompt) => prompt.say("query", { id: "1", reply_subject: "replies", prompt: "sure?" }),
  });
  const texts = exchange(port, () => Promise.reject(new MeshError("unavailable", "nobody can be asked.")));
  const ended = expect(texts.next()).rejects.toMatchObject({
    code: "unavailable",
    message: "nobody can be asked.",
  });
  await mesh.advance("1s");
  await ended;
  host.leave();
});

test("an answer that comes faster than it is read is given up, and takes no more memory", async () => {
  await using mesh = new InProcessMesh();
  const { port } = await mesh.member();
  const host = new ForeignHost(mesh.outsider(), {
    onPrompt: (prompt) => {
      for (let n = 0; n < 40; n++) prompt.say("response", "x".repeat(512 * 1_024));
    },
  });
  const texts = exchange(port, () => Promise.resolve(""));
  const ended = expect(texts.next()).rejects.toMatchObject({ code: "overloaded" });
  await mesh.advance("1s");
  await ended;
  host.leave();
});
