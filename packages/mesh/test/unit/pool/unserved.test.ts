import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { Kind, encodeFrame } from "../../../src/protocol/frame.ts";
import type { Message } from "../../../src/transport/transport.ts";
import { turns } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

async function host() {
  const world = new InProcessMesh();
  const [server, { mesh: client, transport }] = [await world.member(), await world.join()];
  await server.serve(
    defineAgent({
      name: "echo",
      version: "1.0.0",
      methods: { say: { input: z.string(), run: (text) => text } },
    }),
  );
  const ask = async (subject: string, payload: Uint8Array, headers?: Record<string, string>) => {
    const inbox = transport.newInbox();
    const replies: Message[] = [];
    transport.subscribe(inbox, (message) => void replies.push(message));
    transport.publish(subject, payload, { reply: inbox, ...(headers ? { headers } : {}) });
    await turns(4);
    expect(replies).toHaveLength(1);
    return replies[0] as Message;
  };
  return { client, ask };
}

test("requests that reach no method are counted on the replica, and not among its methods", async () => {
  const { client, ask } = await host();
  await expect(client.call("echo.shout", 1)).rejects.toMatchObject({ code: "not_found" });
  await ask("mesh.echo.shout", Buffer.from("x"));
  await ask("mesh.echo.say", Uint8Array.of(0xc1, 1, 1));
  await ask("mesh.echo.say", Buffer.from("x"), { "Shoal-Timeout": "soon" });
  const { payload } = await ask("$SRV.STATS.echo", new Uint8Array(0));
  expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({
    data: {
      errors: { not_found: 2, bad_request: 2 },
      last_error: expect.stringContaining("Shoal-Timeout") as string,
    },
    endpoints: [{ name: "say", num_requests: 0, num_errors: 0 }],
  });
});

test("R3: bytes that begin as a frame does and have no frame's header are answered as the text that they are", async () => {
  const { ask } = await host();
  for (const bytes of [Uint8Array.of(0xc1), Buffer.from("Área de pruebas: ¿qué tal?", "latin1")]) {
    const reply = await ask("mesh.echo.say", bytes);
    expect(reply.header("Nats-Service-Error-Code")).toBe("400");
    expect(JSON.parse(Buffer.from(reply.payload).toString())).toMatchObject({ error: "bad_request" });
  }
});

test("R3: a peer of another version is refused in frames, with the number of its call", async () => {
  const { ask } = await host();
  const frame = Buffer.from(encodeFrame({ kind: Kind.request, call: 77, caller: new Uint8Array(12) }));
  frame[1] = 2;
  const { payload } = await ask("mesh.echo.say", frame);
  expect(payload[0]).toBe(0xc1);
  expect(Buffer.from(payload).readUInt32BE(4)).toBe(77);
});
