import {
  type Agent,
  MeshError,
  type MeshStream,
  type Mesh,
  defineAgent,
  defineSupervisor,
} from "@shoal/mesh";
import { z } from "zod";
import { InProcessMesh } from "@shoal/mesh/testing";
import { describe, expect, test as base } from "vitest";
import { foreignAgent, hostProtocol, kinds } from "../../../src/index.ts";
import { failing, reader } from "../../support/prompt-agents.ts";
import { Stranger } from "../../support/stranger.ts";
import { ForeignHost, type ForeignPrompt } from "../../support/foreign-host.ts";

const test = base.extend<{ mesh: InProcessMesh; member: Mesh }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from the braces that it needs nothing
  mesh: async ({}, use) => {
    const mesh = new InProcessMesh();
    await use(mesh);
    await mesh.close();
  },
  member: async ({ mesh }, use) => use(await mesh.member()),
});

const coder = foreignAgent("coder", { at: "pi.bob.main" });

function answer(prompt: ForeignPrompt): void {
  prompt.say("status", "ack");
  prompt.say("response", "one ");
  prompt.say("riddle", { what: "?" });
  prompt.say("status", "busy");
  prompt.say("response", { text: "two", attachments: [{ filename: "a", content: "" }], more: 1 });
  prompt.end();
}

/** The chunks of a stream, and how it ended: `ok` or a code. */
async function read(
  stream: MeshStream<unknown>,
): Promise<{ chunks: unknown[]; ended: string; error?: MeshError }> {
  const chunks: unknown[] = [];
  try {
    for await (const each of stream) chunks.push(each);
    return { chunks, ended: "ok" };
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    return { chunks, ended: error.code, error };
  }
}

describe("an agent somewhere, as one of the mesh", () => {
  test("OP10, OP11: its responses are a stream, in order, and what is not known is left out", async ({
    mesh,
    member,
  }) => {
    const host = new ForeignHost(mesh.outsider(), { onPrompt: answer });
    await mesh.settle(member.serve(coder));
    const app = await mesh.member();
    const { chunks, ended } = await mesh.settle(read(app.stream("coder", { prompt: "go" })));
    expect([chunks, ended]).toEqual([["one ", "two"], "ok"]);
    expect(host.payloads).toEqual(['{"prompt":"go"}']);
    host.leave();
  });

  test.for<[how: string, text: string]>([
    ["a text", "hello"],
    ["a number", "42"],
    ["a list", "[1]"],
    ["what begins like JSON", "{not quite"],
  ])("a person may type %s: it is the prompt", async ([, text], { mesh, member }) => {
    const host = new ForeignHost(mesh.outsider(), { onPrompt: answer });
    await mesh.settle(member.serve(coder));
    const stranger = new Stranger(mesh.outsider());
    const { heard, stop } = stranger.prompt("mesh.coder", text);
    await mesh.advance("1s");
    expect(host.payloads).toEqual([JSON.stringify({ prompt: text })]);
    expect(heard.map(({ text }) => text)).toEqual(["one two"]);
    stop();
    host.leave();
  });

  test("a supervisor of agents that take text asks it in their place, whichever is first", async ({
    mesh,
    member,
  }) => {
    const host = new ForeignHost(mesh.outsider(), { onPrompt: answer });
    const writer: Agent = defineAgent({
      name: "writer",
      version: "1.0.0",
      methods: {
        prompt: {
          input: z.string(),
          chunk: z.string(),
          run(): string[] {
            throw new MeshError("unavailable", "no model.");
          },
        },
      },
    });
    await mesh.settle(member.serve(writer));
    await mesh.settle(member.serve(coder));
    for (const [name, targets] of [
      ["one", [writer, coder]],
      ["two", [coder, writer]],
    ] as const)
      await mesh.settle(
        member.serve(defineSupervisor({ name, targets, idempotent: true, retry: { attempts: 1 } })),
      );
    const app = await mesh.member();
    for (const name of ["one", "two"]) {
      const { chunks, ended } = await mesh.settle(read(app.stream(name, "go")));
      expect([chunks, ended]).toEqual([["one ", "two"], "ok"]);
    }
    host.leave();
  });

  test("its subject is the one that it tells, whatever that is", async ({ mesh, member }) => {
    const subject = "somewhere.else";
    const host = new ForeignHost(mesh.outsider(), {
      subject,
      metadata: { session: "main" },
      onPrompt: answer,
    });
    await mesh.settle(member.serve(coder));
    const { ended } = await mesh.settle(read(member.stream("coder", { prompt: "go" })));
    expect(ended).toBe("ok");
    host.leave();
  });

  test("OP9: attachments are not sent to one that takes none", async ({ mesh, member }) => {
    const terms = { max_payload: "1MB", attachments_ok: "false" };
    const host = new ForeignHost(mesh.outsider(), { terms, onPrompt: answer });
    await mesh.settle(member.serve(coder));
    const attachments = [{ filename: "a.txt", content: new Uint8Array(2) }];
    const refused = await mesh.settle(read(member.stream("coder", { prompt: "go", attachments })));
    expect(refused.ended).toBe("bad_request");
    expect(refused.error?.message).toContain("pi.bob.main takes no attachments");
    expect(host.payloads).toEqual([]);
    host.leave();
  });

  test("OP9: what is larger than it takes is not sent", async ({ mesh, member }) => {
    const host = new ForeignHost(mesh.outsider(), { terms: { max_payload: "1KB" }, onPrompt: answer });
    await mesh.settle(member.serve(coder));
    const fits = "x".repeat(1_024 - '{"prompt":""}'.length);
    expect((await mesh.settle(read(member.stream("coder", { prompt: fits })))).ended).toBe("ok");
    const refused = await mesh.settle(read(member.stream("coder", { prompt: `${fits}x` })));
    expect(refused.error?.message).toContain("takes 1025 bytes");
    expect(refused.ended).toBe("too_large");
    expect(host.payloads).toHaveLength(1);
    host.leave();
  });

  test.for<[number: number, body: object | undefined, code: string]>([
    [400, undefined, "bad_request"],
    [401, undefined, "unauthorized"],
    [403, undefined, "forbidden"],
    [404, undefined, "not_found"],
    [409, undefined, "conflict"],
    [429, { error: "slow down", message: "too many", retry_after_s: 3 }, "overloaded"],
    [500, { error: "deadline_exceeded" }, "deadline_exceeded"],
    [500, { error: "bad_request" }, "internal"],
    [418, undefined, "bad_request"],
    [503, undefined, "internal"],
  ])("OP11: an error with %i is one of ours", async ([number, body, code], { mesh, member }) => {
    const host = new ForeignHost(mesh.outsider(), {
      onPrompt: (prompt) => {
        prompt.say("status", "ack");
        prompt.say("response", "half");
        prompt.fail(number, "no luck", body);
        prompt.end();
      },
    });
    await mesh.settle(member.serve(coder));
    const { chunks, ended, error } = await mesh.settle(read(member.stream("coder", { prompt: "go" })));
    expect([chunks, ended]).toEqual([["half"], code]);
    const { message = "no luck", retry_after_s: after } = (body ?? {}) as {
      message?: string;
      retry_after_s?: number;
    };
    expect(error?.message).toContain(message);
    expect(error?.retryAfterS).toBe(after);
    host.leave();
  });

  test.for([
    ["no JSON", "nothing like it"],
    ["no type", "{}"],
    ["a response without text", '{"type":"response","data":{}}'],
    ["a query without a reply subject", '{"type":"query","data":{"id":"1","prompt":"?"}}'],
  ])("OP11: a chunk that is none (%s) ends it", async ([, payload], { mesh, member }) => {
    const host = new ForeignHost(mesh.outsider(), { onPrompt: (prompt) => prompt.raw(payload as string) });
    await mesh.settle(member.serve(coder));
    expect((await mesh.settle(read(member.stream("coder", { prompt: "go" })))).ended).toBe("internal");
    host.leave();
  });

  test("OP11: a silence of 60 s ends it, and any message is no silence", async ({ mesh, member }) => {
    const host = new ForeignHost(mesh.outsider());
    await mesh.settle(member.serve(coder));
    const reading = read(member.stream("coder", { prompt: "go" }));
    for (let n = 0; n < 3; n++) {
      await mesh.advance("59s");
      host.prompts[0]?.say("status", "ack");
    }
    await mesh.advance("59s");
    let isOver = false;
    void reading.then(() => (isOver = true));
    await mesh.advance(0);
    expect(isOver).toBe(false);
    const { ended, error } = await mesh.settle(reading, "2s");
    expect(ended).toBe("timeout");
    expect(error?.message).toContain("said nothing for 60 s");
    host.leave();
  });

  test("a caller that leaves is heard no more of", async ({ mesh, member }) => {
    const host = new ForeignHost(mesh.outsider(), {
      onPrompt: (prompt) => {
        prompt.say("status", "ack");
        prompt.say("response", "first");
      },
    });
    await mesh.settle(member.serve(coder));
    for await (const each of member.stream("coder", { prompt: "go" })) {
      expect(each).toBe("first");
      break;
    }
    await mesh.advance("2m");
    expect(member.status).toBe("connected");
    host.leave();
  });

  test("OP8: heartbeats are heard before anybody is asked who is there", async ({ mesh }) => {
    const { mesh: member, transport } = await mesh.join();
    const told: string[] = [];
    const { subscribe } = transport;
    transport.subscribe = (subject, ...rest) => {
      if (subject.startsWith("agents.")) told.push(subject);
      return subscribe.call(transport, subject, ...rest);
    };
    transport.onPublish = ({ subject }) => {
      if (subject === "$SRV.INFO.agents") told.push(subject);
      return true;
    };
    await mesh.settle(member.serve(coder));
    expect(told).toEqual(["agents.hb.*.*.*", "$SRV.INFO.agents"]);
  });

  test("OP8: one that has missed three heartbeats is not prompted, and one that beats is", async ({
    mesh,
    member,
  }) => {
    const host = new ForeignHost(mesh.outsider(), { onPrompt: answer });
    const serving = await mesh.settle(member.serve(coder));
    expect(serving.agent).toBe("coder");
    for (let n = 0; n < 4; n++) {
      host.beat(10);
      await mesh.advance("29s");
    }
    expect(host.asked).toBe(1);
    await mesh.settle(read(member.stream("coder", { prompt: "go" })));
    // It was looked for again meanwhile, since others may have come.
    await mesh.advance("3s");
    const before = host.asked;
    await mesh.advance("31s");
    await mesh.settle(read(member.stream("coder", { prompt: "go" })));
    expect(host.asked).toBe(before + 1);
    host.leave();
    await mesh.advance("2m");
    const gone = await mesh.settle(read(member.stream("coder", { prompt: "go" })));
    expect(gone.ended).toBe("unavailable");
    expect(gone.error?.message).toContain("no agent pi.bob.main of the open agent protocol answers");
  });

  test("one that is gone without a word is not asked again: another is", async ({ mesh }) => {
    const { mesh: member, transport } = await mesh.join();
    const one = new ForeignHost(mesh.outsider(), {
      id: "ONE",
      subject: "agents.prompt.pi.bob.one",
      onPrompt: answer,
    });
    const two = new ForeignHost(mesh.outsider(), {
      id: "TWO",
      subject: "agents.prompt.pi.bob.two",
      onPrompt: answer,
    });
    const any = foreignAgent("any", { at: "pi.*.*" });
    await mesh.settle(member.serve(any));
    await mesh.advance("3s");
    one.leave();
    for (let n = 0; n < 4; n++)
      expect((await mesh.settle(read(member.stream("any", { prompt: "go" })))).ended).toBe("ok");
    expect(two.payloads).toHaveLength(4);
    expect(transport.published.filter(({ subject }) => subject === one.subject)).toHaveLength(1);
    two.leave();
  });

  test("it starts whether or not anybody is there, and finds who comes later", async ({ mesh, member }) => {
    await mesh.settle(member.serve(coder));
    expect((await mesh.settle(read(member.stream("coder", { prompt: "go" })))).ended).toBe("unavailable");
    const host = new ForeignHost(mesh.outsider(), { onPrompt: answer });
    expect((await mesh.settle(read(member.stream("coder", { prompt: "go" })))).ended).toBe("ok");
    host.leave();
  });

  test("others' services, and records that are none, are not taken for it", async ({ mesh, member }) => {
    const host = new ForeignHost(mesh.outsider(), { metadata: { protocol_version: "" }, onPrompt: answer });
    await mesh.settle(member.serve(coder));
    expect((await mesh.settle(read(member.stream("coder", { prompt: "go" })))).ended).toBe("unavailable");
    host.leave();
  });
});

describe("one mesh asks another", () => {
  test("with attachments, and errors as they were", async ({ mesh, member }) => {
    const other = await mesh.member({ root: "other" });
    const served: readonly Agent[] = [reader, failing];
    for (const agent of served) {
      await other.serve(agent);
      await hostProtocol(other, agent, { owner: "me" });
    }
    await mesh.settle(member.serve(foreignAgent("reader", { at: "shoal-other.me.file-reader" })));
    await mesh.settle(member.serve(foreignAgent("failing", { at: "shoal-other.me.failing" })));
    const attachments = [{ filename: "a.txt", content: Buffer.from("hi!") }];
    const { chunks } = await mesh.settle(read(member.stream("reader", { prompt: "look", attachments })));
    expect(chunks).toEqual(["look", "|a.txt=3 bytes"]);
    const failed = await mesh.settle(read(member.stream("failing", { prompt: "replica_lost" })));
    expect([failed.chunks, failed.ended, failed.error?.retryAfterS]).toEqual([["so far"], "replica_lost", 7]);
    await expect(
      hostProtocol(member, foreignAgent("reader", { at: "a.b.c" }), { owner: "me" }),
    ).rejects.toMatchObject({
      code: "bad_request",
    });
  });
});

describe("use: protocol", () => {
  const { options, make } = kinds["protocol"]!;

  test("makes the agent under its name", async () => {
    const agent = await make(options.parse({ at: "pi.*.main", silence: "5s" }), {
      name: "coder",
      directory: "/",
    });
    expect(agent.contract.name).toBe("coder");
  });

  test.for([
    {},
    { at: "pi" },
    { at: "pi.bob.$x" },
    { at: "pi.bob.main", silence: "soon" },
    { at: "a.b.c", other: 1 },
  ])("refuses %j", (given) => {
    expect(options.safeParse(given).success).toBe(false);
  });
});
