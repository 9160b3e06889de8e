import type { Clock } from "../clock.ts";
import { decodeExtensions } from "../protocol/extensions.ts";
import { Frame, Kind, isFrame } from "../protocol/frame.ts";
import { Header } from "../protocol/headers.ts";
import { requestIdText } from "../protocol/request-id.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Message, Transport } from "../transport/transport.ts";
import { parseRecord, textIn } from "./service-record.ts";

/** Something that happened on the mesh. */
export type Observed =
  | {
      type: "request";
      agent: string;
      method: string | undefined;
      id: string;
      bytes: number;
      remainingMs: number | null;
    }
  | {
      type: "outcome";
      agent: string;
      method: string | undefined;
      id: string;
      /** `ok`, or an error's code. */
      code: string;
      tookMs: number;
      chunks: number;
      replica: string | undefined;
    }
  | {
      type: "event";
      agent: string;
      method: undefined;
      kind: string;
      fields: Readonly<Record<string, unknown>>;
    };

interface Open {
  agent: string;
  method: string | undefined;
  id: string;
  at: number;
  chunks: number;
}

/** Requests remembered until their outcome is seen; the oldest are let go first. */
const MAX_OPEN = 10_000;

/**
 * Watches every request, its outcome, and the mesh's events, by listening beside those they are meant for: nothing is
 * asked of anybody. Outcomes are seen where NATS lets this user listen to `_INBOX.>`.
 * @returns stops watching
 */
export function observe(
  transport: Transport,
  clock: Clock,
  subjects: Subjects,
  listener: (observed: Observed) => void,
): () => void {
  const open = new Map<string, Open>();
  const { root } = subjects;

  const onRequest = (message: Message): void => {
    const [agent = "", method] = message.subject.slice(root.length + 1).split(".");
    if (agent === "_") return;
    const frame = frameOf(message.payload);
    const id = frame
      ? requestIdText(frame.requestId)
      : message.reply.slice(message.reply.lastIndexOf(".") + 1);
    listener({
      type: "request",
      agent,
      method,
      id,
      bytes: message.payload.length,
      remainingMs: frame?.value ?? null,
    });
    if (!message.reply) return;
    open.set(message.reply, { agent, method, id, at: clock.now(), chunks: 0 });
    if (open.size > MAX_OPEN) open.delete(open.keys().next().value ?? "");
  };

  const onReply = (message: Message): void => {
    const request = open.get(message.subject);
    if (!request) return;
    const frame = frameOf(message.payload);
    if (frame && (frame.kind === Kind.accepted || frame.kind === Kind.part)) return;
    if (frame?.kind === Kind.chunk) return void request.chunks++;
    open.delete(message.subject);
    const { agent, method, id, at, chunks } = request;
    const replica = frame?.hasExtensions ? decodeExtensions(frame.extensions).replica : undefined;
    listener({
      type: "outcome",
      agent,
      method,
      id,
      code: codeOf(frame, message),
      tookMs: clock.now() - at,
      chunks,
      replica,
    });
  };

  const onEvent = (message: Message): void => {
    const [kind = "", agent = ""] = message.subject.slice(subjects.event("", "").length - 1).split(".");
    const fields = parseRecord(Buffer.from(message.payload).toString("utf8"));
    listener({ type: "event", agent, method: undefined, kind, fields });
  };

  const subscriptions = [
    transport.subscribe("_INBOX.>", onReply),
    transport.subscribe(`${root}.*`, onRequest),
    transport.subscribe(`${root}.*.*`, onRequest),
    transport.subscribe(subjects.event("*", "*"), onEvent),
  ];
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}

function codeOf(frame: Frame | undefined, message: Message): string {
  if (message.noResponders) return "unavailable";
  if (frame?.kind === Kind.error) return failureCode(() => frame.body());
  const isError = !frame && message.hasHeaders && message.header(Header.errorCode) !== undefined;
  return isError
    ? textIn(parseRecord(Buffer.from(message.payload).toString("utf8")), "error") || "error"
    : "ok";
}

function failureCode(body: () => unknown): string {
  try {
    return textIn(body() as Record<string, unknown>, "error") || "error";
  } catch {
    return "error";
  }
}

function frameOf(payload: Uint8Array): Frame | undefined {
  if (!isFrame(payload)) return undefined;
  try {
    return new Frame(payload);
  } catch {
    return undefined;
  }
}
