import { expect, test } from "vitest";
import { Frame, Kind, callOf, encodeFrame } from "../../src/protocol/frame.ts";
import { connectNats } from "../../src/transport/nats.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { job } from "../support/chaos-agents.ts";
import { mesh, node, numbers, outcomeOf, server } from "../support/chaos-mesh.ts";
import { seeded } from "../../src/testing/seeded.ts";

const LAST = 0xfeed_face;
const caller = new Uint8Array(12).fill(7);
const requestOf = (call: number): Uint8Array =>
  encodeFrame({ kind: Kind.request, call, value: 1_000, caller }, { n: 1 });
const request = Buffer.from(requestOf(9));

/** A request, spoilt. */
function spoilt(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(request);
  change(bytes);
  return bytes;
}

const POISONS: Record<string, Buffer> = {
  "another version": spoilt((bytes) => (bytes[1] = 2)),
  "version 0": spoilt((bytes) => (bytes[1] = 0)),
  "extensions longer than the frame": spoilt((bytes) => bytes.writeUInt16BE(0xffff, 12)),
  "an array of four billion": Buffer.concat([request.subarray(0, 28), Buffer.from("ddffffffff", "hex")]),
  "a string of four billion bytes": Buffer.concat([
    request.subarray(0, 28),
    Buffer.from("dbffffffff41", "hex"),
  ]),
  "ten thousand nested arrays": Buffer.concat([request.subarray(0, 28), Buffer.alloc(10_000, 0x91)]),
  "a body cut off": request.subarray(0, request.length - 1),
  "no body where one is due": request.subarray(0, 28),
};

async function world() {
  const { url } = await server();
  const { host, hostings } = await node(url);
  const raw = await connectNats({ servers: url });
  const [{ id: replica }] = hostings as [(typeof hostings)[number]];
  return { url, host, raw, replica, client: await mesh(url), [Symbol.asyncDispose]: () => raw.close() };
}

/** Everything that comes back until the replica has answered what was sent after it. */
async function answersTo(
  raw: Transport,
  subject: string,
  payloads: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  const inbox = raw.newInbox();
  const answers: Uint8Array[] = [];
  const last = Promise.withResolvers<void>();
  raw.subscribe(inbox, ({ payload }) => {
    if (callOf(payload) === LAST) last.resolve();
    else answers.push(payload);
  });
  for (const payload of payloads) raw.publish(subject, payload, { reply: inbox });
  const kind = subject.includes("._.at.") ? Kind.ping : Kind.request;
  raw.publish(subject, kind === Kind.ping ? encodeFrame({ kind, call: LAST }) : requestOf(LAST), {
    reply: inbox,
  });
  await last.promise;
  return answers;
}

test.each(Object.entries(POISONS))(
  "R3: a request with %s is answered with an error that says so",
  async (_what, bytes) => {
    await using nodes = await world();
    const { raw, client } = nodes;
    const [answer, ...more] = await answersTo(raw, "mesh.job.work", [bytes]);
    expect(more).toEqual([]);
    const frame = new Frame(answer ?? new Uint8Array());
    expect([frame.kind, frame.call]).toEqual([Kind.error, 9]);
    expect(frame.body()).toMatchObject({ error: "bad_request" });
    expect(await client.agent(job).work({ n: 1 })).toMatchObject({ n: 1 });
  },
);

test("F3, R3: 5,000 spoilt frames on every subject of a node harm nothing, and none is answered twice", async () => {
  await using nodes = await world();
  const { raw, client, replica, host } = nodes;
  const random = seeded(1);
  const below = (limit: number): number => Math.floor(random() * limit);
  const poisons = numbers(5_000).map(() =>
    spoilt((bytes) => {
      for (let changes = 1 + below(6); changes > 0; changes--) bytes[below(bytes.length)] = below(256);
      // Most stay frames, of any kind.
      if (random() < 0.9) bytes[0] = 0xc1;
    }),
  );
  for (const subject of ["mesh.job.work", "mesh.job", `mesh._.at.${replica}`]) {
    const answers = await answersTo(raw, subject, poisons);
    expect(answers.length).toBeLessThanOrEqual(poisons.length);
    expect(answers.length).toBeGreaterThan(100);
    expect(await client.agent(job).work({ n: 2 })).toMatchObject({ n: 2 });
  }
  expect(host.status).toBe("connected");
});

test("P2: what a rogue answers instead of the agent ends the call with an error, or not at all", async () => {
  const { url } = await server();
  const rogue = await connectNats({ servers: url });
  const client = await mesh(url);
  const garbage = [
    ...Object.values(POISONS),
    Buffer.from([0xc1]),
    Buffer.from([0xc1, 1, 2]),
    Buffer.alloc(40, 0xc1),
  ];
  rogue.subscribe("mesh.job.*", ({ reply, payload }) => {
    for (const bytes of garbage) {
      const answer = Buffer.from(bytes);
      if (answer.length >= 8) Buffer.from(payload).copy(answer, 4, 4, 8);
      if (answer.length > 2) answer[2] = Kind.result;
      rogue.publish(reply, answer);
    }
  });
  await rogue.flush();
  const calls = numbers(20).map((n) => outcomeOf(client.agent(job).pay({ n }, { timeout: 1_000 })));
  expect(new Set(await Promise.all(calls))).toEqual(new Set(["internal"]));
  await rogue.close();
});
