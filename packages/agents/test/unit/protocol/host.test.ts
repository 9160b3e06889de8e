import { defineAgent } from "@shoal/mesh";
import { InProcessMesh } from "@shoal/mesh/testing";
import { describe, expect, test as base } from "vitest";
import { z } from "zod";
import { hostProtocol } from "../../../src/index.ts";
import { NUMBERS } from "../../../src/protocol/failure.ts";
import { failing, parrot, reader, slow } from "../../support/prompt-agents.ts";
import { ACKED, END, Stranger, chunk } from "../../support/stranger.ts";

const test = base.extend<{ mesh: InProcessMesh; stranger: Stranger }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from the braces that it needs nothing
  mesh: async ({}, use) => {
    const mesh = new InProcessMesh();
    await use(mesh);
    await mesh.close();
  },
  stranger: async ({ mesh }, use) => use(new Stranger(mesh.outsider())),
});

describe("an answer", () => {
  test("OP1, OP2: a prompt is acknowledged at once, answered, and ended once", async ({ mesh, stranger }) => {
    const member = await mesh.member();
    await member.serve(parrot);
    await hostProtocol(member, parrot, { owner: "me" });
    const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.parrot", "hello");
    await mesh.advance("2m");
    expect(heard).toEqual([ACKED, chunk("response", "hello"), END]);
    stop();
  });

  test("OP1: a stream is one response for each chunk, in order", async ({ mesh, stranger }) => {
    const member = await mesh.member();
    await member.serve(reader);
    await hostProtocol(member, reader, { owner: "me" });
    const files = [{ filename: "a.txt", content: Buffer.from("hi!").toString("base64") }];
    const prompt = JSON.stringify({ prompt: "look", attachments: files, unknown: 1 });
    const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.file-reader", prompt);
    await mesh.advance("1s");
    expect(heard).toEqual([ACKED, chunk("response", "look"), chunk("response", "|a.txt=3 bytes"), END]);
    stop();
  });

  test("OP2: work that takes long is acknowledged again and again", async ({ mesh, stranger }) => {
    const { agent, finish } = slow();
    const member = await mesh.member();
    await member.serve(agent);
    await hostProtocol(member, agent, { owner: "me", keepAlive: "20s" });
    const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.slow", "think");
    await mesh.advance("1s");
    expect(heard).toEqual([ACKED]);
    await mesh.advance("61s");
    expect(heard).toEqual([ACKED, ACKED, ACKED, ACKED]);
    finish("done");
    await mesh.advance("2m");
    expect(heard.slice(4)).toEqual([chunk("response", "done"), END]);
    stop();
  });

  test.for(Object.entries(NUMBERS))(
    "OP1, OP3: %s is told as %i, then it ends",
    async ([code, number], { mesh, stranger }) => {
      const member = await mesh.member();
      await member.serve(failing);
      await hostProtocol(member, failing, { owner: "me" });
      const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.failing", code);
      await mesh.advance("1s");
      const error = heard.at(-2);
      expect(heard).toEqual([ACKED, chunk("response", "so far"), error, END]);
      expect(error?.code).toBe(String(number));
      expect(JSON.parse(error?.text ?? "")).toMatchObject({ error: code, retry_after_s: 7 });
      stop();
    },
  );

  test("OP1, OP3: where nobody serves the agent any more, that is told", async ({ mesh, stranger }) => {
    const member = await mesh.member();
    await hostProtocol(member, parrot, { owner: "me" });
    const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.parrot", "hello");
    await mesh.advance("1s");
    expect(heard.map(({ code }) => code)).toEqual([undefined, "500", undefined]);
    expect(JSON.parse(heard[1]?.text ?? "")).toMatchObject({ error: "unavailable" });
    expect(heard.at(-1)).toEqual(END);
    stop();
  });

  test("OP4: when nobody listens any more, the handler is told with the next acknowledgement", async ({
    mesh,
    stranger,
  }) => {
    const { agent, aborted } = slow();
    const member = await mesh.member();
    await member.serve(agent);
    await hostProtocol(member, agent, { owner: "me" });
    const { stop } = stranger.prompt("agents.prompt.shoal.me.slow", "think");
    await mesh.advance("1s");
    stop();
    expect(aborted()).toBe(false);
    await mesh.advance("30s");
    expect(aborted()).toBe(true);
  });

  test("OP4: a stream that nobody listens to is given up", async ({ mesh, stranger }) => {
    let given = 0;
    const endless = defineAgent({
      name: "endless",
      version: "1.0.0",
      methods: {
        prompt: {
          input: z.string(),
          chunk: z.string(),
          *run() {
            for (; given < 5_000; given++) yield "more";
          },
        },
      },
    });
    const member = await mesh.member();
    await member.serve(endless);
    await hostProtocol(member, endless, { owner: "me" });
    const inbox = stranger.transport.newInbox();
    let heard = 0;
    // It leaves in the middle, when the first acknowledgement has long been heard.
    const subscription = stranger.transport.subscribe(inbox, () => {
      if (++heard === 10) subscription.unsubscribe();
    });
    stranger.transport.publish("agents.prompt.shoal.me.endless", Buffer.from("go"), { reply: inbox });
    await mesh.advance("10s");
    expect(heard).toBe(10);
    expect(given).toBeLessThan(2_000);
  });

  test("a long text comes in several responses that fit", async () => {
    await using small = new InProcessMesh({ maxPayload: 4_096 });
    const stranger = new Stranger(small.outsider());
    const long = defineAgent({
      name: "long",
      version: "1.0.0",
      methods: { prompt: { input: z.string(), output: z.string(), run: () => "😀\u0001".repeat(2_000) } },
    });
    const member = await small.member();
    await member.serve(long);
    await hostProtocol(member, long, { owner: "me" });
    const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.long", "go");
    await small.advance("1s");
    const texts = heard.slice(1, -1).map(({ text }) => (JSON.parse(text) as { data: string }).data);
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.join("")).toBe("😀\u0001".repeat(2_000));
    expect(heard.at(-1)).toEqual(END);
    stop();
  });
});

describe("a prompt that is refused", () => {
  const content = Buffer.from("hi").toString("base64");
  const file = (fields: object): string =>
    JSON.stringify({ prompt: "look", attachments: [{ filename: "a.txt", content, ...fields }] });

  test.for<[what: string, payload: string | Uint8Array]>([
    ["an empty payload", ""],
    ["bad JSON", ' {"prompt": '],
    ["no prompt", '{"question": "why"}'],
    ["an empty prompt", '{"prompt": ""}'],
    ["a prompt that is no text", '{"prompt": 7}'],
    ["what is not UTF-8", Uint8Array.of(0xff, 0xfe)],
    ["attachments that are no list", '{"prompt": "a", "attachments": {}}'],
    ["an attachment that is none", '{"prompt": "a", "attachments": [7]}'],
    ["base64 of another alphabet", file({ content: "_-8=" })],
    ["base64 without padding", file({ content: "aGk" })],
    ["base64 with white space", file({ content: "aG\nk=" })],
    ["a file in another folder", file({ filename: "../a.txt" })],
    ["a file in a Windows folder", file({ filename: "a\\b.txt" })],
    ["a file without a name", file({ filename: "" })],
    ["a file name with a control character", file({ filename: "a\u0000.txt" })],
    ["a file name that goes up", file({ filename: ".." })],
  ])("OP7: %s is 400, and the agent hears nothing of it", async ([, payload], { mesh, stranger }) => {
    const member = await mesh.member();
    let runs = 0;
    await member.serve({ ...reader, handlers: { prompt: () => [String(++runs)] } });
    await hostProtocol(member, reader, { owner: "me" });
    const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.file-reader", payload);
    await mesh.advance("1s");
    expect(heard.map(({ code }) => code)).toEqual(["400", undefined]);
    expect(heard.at(-1)).toEqual(END);
    expect(runs).toBe(0);
    stop();
  });

  test("OP7: attachments are 400 where the agent takes none", async ({ mesh, stranger }) => {
    const member = await mesh.member();
    await member.serve(parrot);
    await hostProtocol(member, parrot, { owner: "me" });
    const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.parrot", file({}));
    await mesh.advance("1s");
    expect(heard.map(({ code }) => code)).toEqual(["400", undefined]);
    expect(heard[0]?.text).toContain("takes no attachments");
    stop();
  });

  test("what cannot be answered is left, and harms nobody", async ({ mesh, stranger }) => {
    const member = await mesh.member();
    await member.serve(parrot);
    await hostProtocol(member, parrot, { owner: "me" });
    stranger.transport.publish("agents.prompt.shoal.me.parrot", Buffer.from("hello"));
    const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.parrot", "hello");
    await mesh.advance("1s");
    expect(heard).toHaveLength(3);
    stop();
  });
});

describe("an instance", () => {
  test("OP5: it is found while it hears prompts, and answers what it has when it stops", async ({
    mesh,
    stranger,
  }) => {
    const { agent, finish } = slow();
    const member = await mesh.member();
    await member.serve(agent);
    const host = await hostProtocol(member, agent, { owner: "me" });
    const prompted = stranger.prompt("agents.prompt.shoal.me.slow", "one");
    await mesh.advance("1s");
    const stopped = host.stop();
    await mesh.advance("1s");
    const late = stranger.prompt("agents.prompt.shoal.me.slow", "two");
    await mesh.advance("1s");
    expect(late.heard.map(({ noResponders }) => noResponders)).toEqual([true]);
    finish("one is done");
    await mesh.settle(stopped);
    expect(prompted.heard).toEqual([ACKED, chunk("response", "one is done"), END]);
    prompted.stop();
    late.stop();
  });

  test("OP5, OP1: what is not done in time is told so, and ended", async ({ mesh, stranger }) => {
    const { agent } = slow();
    const member = await mesh.member();
    await member.serve(agent);
    const host = await hostProtocol(member, agent, { owner: "me" });
    const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.slow", "one");
    await mesh.advance("1s");
    await mesh.settle(host.stop({ timeout: "2s" }), "3s");
    expect(heard.map(({ code }) => code)).toEqual([undefined, "500", undefined]);
    stop();
  });

  test("OP5: it ends with its mesh, and leaves nothing", async ({ mesh, stranger }) => {
    const member = await mesh.member();
    await member.serve(parrot);
    await hostProtocol(member, parrot, { owner: "me" });
    await mesh.settle(member.close());
    const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.parrot", "hello");
    await mesh.advance("1m");
    expect(heard.map(({ noResponders }) => noResponders)).toEqual([true]);
    stop();
  });

  test("OP6: heartbeats come at once, at their interval, and no more when it has stopped", async ({
    mesh,
    stranger,
  }) => {
    const { heard, stop } = stranger.hear("agents.hb.*.*.*");
    const member = await mesh.member();
    await member.serve(parrot);
    const host = await hostProtocol(member, parrot, { owner: "Jane Doe", heartbeat: "10s", session: "s1" });
    await mesh.advance("21s");
    expect(heard).toHaveLength(3);
    const beat = JSON.parse(heard[0]?.text ?? "") as Record<string, unknown>;
    expect(beat).toEqual({
      agent: "shoal",
      owner: "jane-doe",
      session: "s1",
      instance_id: host.instanceId,
      ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      interval_s: 10,
    });
    await mesh.settle(host.stop());
    await mesh.advance("1m");
    expect(heard).toHaveLength(3);
    stop();
  });

  test("it is a micro service called agents, beside the agent's own", async ({ mesh, stranger }) => {
    const member = await mesh.member();
    await member.serve(reader);
    const host = await hostProtocol(member, reader, { owner: "me", name: "files" });
    const done = stranger.prompt("agents.prompt.shoal.me.files", "hello");
    await mesh.advance("1s");
    const asked = ["PING", "INFO", "STATS"].flatMap((verb) =>
      [`$SRV.${verb}.agents`, `$SRV.${verb}.agents.${host.instanceId}`].map((subject) =>
        stranger.prompt(subject, ""),
      ),
    );
    const all = stranger.prompt("$SRV.PING", "");
    const status = stranger.prompt("agents.status.shoal.me.files", "");
    await mesh.advance("1s");
    const [ping, pingOne, info, infoOne, stats] = asked.map(
      ({ heard }) => JSON.parse(heard[0]?.text ?? "") as object,
    );
    expect(pingOne).toEqual(ping);
    expect(infoOne).toEqual(info);
    expect(ping).toEqual({
      type: "io.nats.micro.v1.ping_response",
      name: "agents",
      id: host.instanceId,
      version: "1.0.0",
      metadata: { agent: "shoal", owner: "me", protocol_version: "0.3" },
    });
    expect(info).toMatchObject({
      type: "io.nats.micro.v1.info_response",
      endpoints: [
        {
          name: "prompt",
          subject: "agents.prompt.shoal.me.files",
          queue_group: "agents",
          metadata: { max_payload: "1MB", attachments_ok: "true" },
        },
        { name: "status", subject: "agents.status.shoal.me.files", queue_group: "agents" },
      ],
    });
    expect(stats).toMatchObject({ endpoints: [{ num_requests: 1, num_errors: 0 }, { num_requests: 0 }] });
    expect(all.heard).toHaveLength(2);
    expect(JSON.parse(status.heard[0]?.text ?? "")).toMatchObject({
      instance_id: host.instanceId,
      interval_s: 30,
    });
    // The mesh's own directory lists its agents alone.
    expect((await mesh.settle(member.discover())).map(({ name }) => name)).toEqual(["file-reader"]);
    for (const each of [...asked, all, status, done]) each.stop();
  });

  test("several instances share the prompts of one agent", async ({ mesh, stranger }) => {
    const hosts = [];
    for (let n = 0; n < 2; n++) {
      const member = await mesh.member();
      await member.serve(parrot);
      hosts.push(await hostProtocol(member, parrot, { owner: "me" }));
    }
    const prompted = Array.from({ length: 20 }, (_each, n) =>
      stranger.prompt("agents.prompt.shoal.me.parrot", `prompt ${n}`),
    );
    await mesh.advance("1s");
    for (const [n, { heard }] of prompted.entries())
      expect(heard).toEqual([ACKED, chunk("response", `prompt ${n}`), END]);
    const stats = hosts.map(({ instanceId }) => stranger.prompt(`$SRV.STATS.agents.${instanceId}`, ""));
    await mesh.advance("1s");
    const counts = stats.map(({ heard }) => {
      const { endpoints } = JSON.parse(heard[0]?.text ?? "") as { endpoints: { num_requests: number }[] };
      return endpoints[0]?.num_requests ?? 0;
    });
    expect(counts.every((count) => count > 0)).toBe(true);
    expect(counts.reduce((sum, count) => sum + count)).toBe(20);
    for (const each of [...prompted, ...stats]) each.stop();
  });

  test("a prompt's session is the mesh's: that of its own field, else the one of the host", async ({
    mesh,
    stranger,
  }) => {
    const member = await mesh.member();
    const diary = defineAgent({
      name: "diary",
      version: "1.0.0",
      session: { state: () => ({ notes: [] as string[] }) },
      methods: {
        prompt: {
          input: z.string(),
          output: z.string(),
          run(text, { session }) {
            session.state.notes.push(text);
            return `${session.id}: ${session.state.notes.join(", ")}`;
          },
        },
      },
    });
    await member.serve(diary);
    await hostProtocol(member, diary, { owner: "me", session: "shared" });
    const texts = [];
    for (const prompt of ["one", '{"prompt":"two","session":"mine"}', "three"]) {
      const { heard, stop } = stranger.prompt("agents.prompt.shoal.me.diary", prompt);
      await mesh.advance("1s");
      texts.push((JSON.parse(heard[1]?.text ?? "") as { data: string }).data);
      stop();
    }
    expect(texts).toEqual(["shared: one", "mine: two", "shared: one, three"]);
  });

  test("meshes on one NATS do not get each other's prompts", async ({ mesh, stranger }) => {
    for (const root of ["mesh", "team.a"]) {
      const member = await mesh.member({ root });
      await member.serve(parrot);
      await hostProtocol(member, parrot, { owner: "me" });
    }
    const found = stranger.prompt("$SRV.INFO.agents", "");
    await mesh.advance("1s");
    const subjects = found.heard.map(({ text }) => {
      const { endpoints } = JSON.parse(text) as { endpoints: { subject: string }[] };
      return endpoints[0]?.subject;
    });
    expect(new Set(subjects)).toEqual(
      new Set(["agents.prompt.shoal.me.parrot", "agents.prompt.shoal-team-a.me.parrot"]),
    );
    found.stop();
  });

  test("an agent without a method for prompts is refused, and says why", async ({ mesh }) => {
    const member = await mesh.member();
    const sum = defineAgent({
      name: "sum",
      version: "1.0.0",
      methods: { add: { input: z.array(z.number()), output: z.number(), run: () => 0 } },
    });
    await expect(hostProtocol(member, sum, { owner: "me" })).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining('agent "sum"') as string,
    });
    await expect(hostProtocol(member, parrot, { owner: "…" })).rejects.toMatchObject({
      message: expect.stringContaining("owner") as string,
    });
    await expect(hostProtocol(member, parrot, { owner: "me", heartbeat: 1_500 })).rejects.toMatchObject({
      message: expect.stringContaining("whole seconds") as string,
    });
  });
});
