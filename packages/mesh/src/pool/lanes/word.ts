import { decodeExtensions } from "../../protocol/extensions.ts";
import { Frame, Kind } from "../../protocol/frame.ts";
import type { Message } from "../../transport/transport.ts";

/** Whoever says something on a lane: who it is, and where it waits for the answer. */
export interface Peer {
  readonly replica: string;
  /** Empty when it expects none. */
  readonly reply: string;
}

/** What one replica says to another. */
export interface Word {
  readonly kind: Kind;
  readonly value: number;
  readonly from: Peer;
  /** Undefined when there is none that makes sense. */
  body(): unknown;
}

/** Undefined for what makes no sense: nobody waits for an answer to that. */
export function wordOf({ payload, reply }: Message): Word | undefined {
  try {
    const frame = new Frame(payload);
    const { replica } = decodeExtensions(frame.extensions);
    if (replica === undefined) return undefined;
    if (reply === "" && (frame.kind === Kind.offer || frame.kind === Kind.claim)) return undefined;
    return { kind: frame.kind, value: frame.value, from: { replica, reply }, body: () => bodyOf(frame) };
  } catch {
    return undefined;
  }
}

function bodyOf(frame: Frame): unknown {
  try {
    return frame.body();
  } catch {
    return undefined;
  }
}
