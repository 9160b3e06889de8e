import { connect, type Mesh } from "@shoal/mesh";
import { RecordingLogger, startNatsServer } from "@shoal/mesh/testing";
import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";
import { hostProtocol, foreignAgent } from "../../src/index.ts";
import { CODE_HEADER } from "../../src/protocol/terms.ts";
import { parrot, slow } from "../support/prompt-agents.ts";
import { ACKED, END, type Heard, chunk } from "../support/stranger.ts";

const SLOW_PROCESS = new URL("../support/slow-process.ts", import.meta.url);

/** Prompts as somebody who knows NATS alone. */
function prompt(member: Mesh, subject: string, text: string): Heard[] {
  const heard: Heard[] = [];
  const { port } = member;
  const { subject: reply } = port.open((message) => {
    const { payload, hasHeaders, noResponders } = message;
    const code = hasHeaders ? message.header(CODE_HEADER) : undefined;
    heard.push({ text: Buffer.from(payload).toString(), code, hasHeaders, noResponders });
  });
  port.publish(subject, Buffer.from(text), { reply });
  return heard;
}

/** What a caller takes at most to be told who holds its request. */
const TOLD_MS = 200;

/** Resolves when the handler of the slow agent runs, and its caller has been told who holds the request. */
function isWorkedOn({ port }: Mesh, root: string): Promise<void> {
  return new Promise((resolve) => {
    const subscription = port.subscribe(`${root}._.event.thinking.slow`, () => {
      subscription.unsubscribe();
      setTimeout(resolve, TOLD_MS);
    });
  });
}

test("OP1, OP3: the process that works on a prompt is killed: that is told, and it ends", async ({
  nats,
}) => {
  const { agent } = slow();
  const member = await nats.connect();
  await hostProtocol(member, agent, { agent: "shoal", owner: nats.root });
  const worker = await nats.process(SLOW_PROCESS);
  const caller = await nats.connect();
  const working = isWorkedOn(caller, nats.root);
  const heard = prompt(caller, `agents.prompt.shoal.${nats.root}.slow`, "think");
  await working;
  expect(heard).toEqual([ACKED]);
  await worker.kill();
  await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(3);
  expect(heard.map(({ code }) => code)).toEqual([undefined, "500", undefined]);
  expect(JSON.parse(heard[1]?.text ?? "")).toMatchObject({ error: "replica_lost" });
  expect(heard.at(-1)).toEqual(END);
});

test("OP8, OP11: the process of an agent elsewhere is killed: its caller hears of the silence, and the next one of its absence", async ({
  nats,
}) => {
  const elsewhere = await nats.process(SLOW_PROCESS, {
    args: [nats.root],
    env: { SHOAL_ROOT: `${nats.root}-other` },
  });
  const member = await nats.connect();
  await member.serve(foreignAgent("away", { at: `shoal.${nats.root}.slow`, silence: "2s" }));
  const working = isWorkedOn(member, `${nats.root}-other`);
  const reading = member.stream("away", { prompt: "think" }).collect();
  const ended = expect(reading).rejects.toMatchObject({ code: "timeout" });
  await working;
  await elsewhere.kill();
  await ended;
  await expect(member.stream("away", { prompt: "think" }).collect()).rejects.toMatchObject({
    code: "unavailable",
  });
});

test("OP5, OP6: NATS is killed and comes back: heartbeats go on, and prompts are answered", async () => {
  const server = await startNatsServer();
  const options = {
    servers: server.url,
    reconnectTimeWait: 50,
    reconnectJitter: 0,
    logger: new RecordingLogger(),
  };
  await using member = await connect(options);
  await member.serve(parrot);
  await hostProtocol(member, parrot, { owner: "me", heartbeat: "1s" });
  await using caller = await connect(options);
  await server.kill();
  await server.restart();
  await expect
    .poll(() => [member.status, caller.status], { timeout: 10_000 })
    .toEqual(["connected", "connected"]);
  let beats = 0;
  const subscription = caller.port.subscribe("agents.hb.shoal.me.parrot", () => beats++);
  await expect.poll(() => beats, { timeout: 5_000 }).toBeGreaterThan(1);
  subscription.unsubscribe();
  const heard = prompt(caller, "agents.prompt.shoal.me.parrot", "still there?");
  await expect.poll(() => heard).toEqual([ACKED, chunk("response", "still there?"), END]);
  await caller.close();
  await member.close();
  await server.stop();
});
