import type { Outgoing } from "./outbox.ts";

/** `PUB`, three spaces, ten digits and two line ends. */
const AROUND_BYTES = 20;

/** A message that `pubLines` can write. */
export function isLine({ isAscii, headers }: Outgoing): boolean {
  return isAscii && headers === undefined;
}

/** Several messages as NATS's protocol has them, in one piece: the library makes three pieces of each. */
export function pubLines(messages: readonly Outgoing[]): Uint8Array {
  let size = 0;
  for (const { subject, reply, payload } of messages)
    size += AROUND_BYTES + subject.length + (reply?.length ?? 0) + payload.length;
  const lines = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { subject, reply, payload } of messages) {
    const head = reply
      ? `PUB ${subject} ${reply} ${payload.length}\r\n`
      : `PUB ${subject} ${payload.length}\r\n`;
    at += lines.write(head, at, "latin1");
    lines.set(payload, at);
    at += payload.length;
    lines[at++] = 0x0d;
    lines[at++] = 0x0a;
  }
  return lines.subarray(0, at);
}
