import { type HeaderEntries, headerText } from "./message-headers.ts";
import type { Outgoing } from "./outbox.ts";

/** `HPUB`, four spaces, twice ten digits and two line ends. */
const AROUND_BYTES = 32;

/** A message that `pubLines` can write. */
export function isLine({ isAscii }: Outgoing): boolean {
  return isAscii;
}

/** Several messages as NATS's protocol has them, in one piece: the library makes three pieces of each. */
export function pubLines(messages: readonly Outgoing[]): Uint8Array {
  let size = 0;
  for (const { subject, reply, payload, headerBytes } of messages)
    size += AROUND_BYTES + subject.length + (reply?.length ?? 0) + headerBytes + payload.length;
  const lines = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { subject, reply, payload, headers, headerBytes } of messages) {
    const to = reply ? `${subject} ${reply}` : subject;
    if (headers) at += writeHead(lines, at, to, headers, headerBytes, payload.length);
    else at += lines.write(`PUB ${to} ${payload.length}\r\n`, at, "latin1");
    lines.set(payload, at);
    at += payload.length;
    lines[at++] = 0x0d;
    lines[at++] = 0x0a;
  }
  return lines.subarray(0, at);
}

/** The subjects are ASCII, and values of headers need not be. */
function writeHead(
  lines: Buffer,
  at: number,
  to: string,
  headers: HeaderEntries,
  headerBytes: number,
  payloadBytes: number,
): number {
  const head = `HPUB ${to} ${headerBytes} ${headerBytes + payloadBytes}\r\n${headerText(headers)}`;
  return lines.write(head, at, "utf8");
}
