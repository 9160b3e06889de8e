import { checkSessionId } from "../contract/session-options.ts";
import { toMs } from "../duration.ts";
import { Frame, Kind, encodeFrame, isFrame } from "../protocol/frame.ts";
import { Header } from "../protocol/headers.ts";
import { type PlainShape, decodePlain } from "../protocol/plain.ts";
import { type Priority, priorityOf } from "../protocol/priority.ts";
import { CALLER_ID_BYTES } from "../protocol/request-id.ts";
import { type Trace, parseTraceparent } from "../protocol/trace.ts";
import type { Queued } from "../transport/store.ts";
import type { TaskHead } from "./record.ts";
import { type SubmitOptions, checkTags, checkTaskId, isChosenId, isTaskId } from "./options.ts";

/** No caller waits for it. */
const NOBODY = new Uint8Array(CALLER_ID_BYTES);
const MESSAGE_ID = "Nats-Msg-Id";

/** A task as it is in the queue, before anything in it that may be malformed is read. */
export interface QueuedHead extends TaskHead {
  /** Somebody has chosen the id: there may be others of the same. */
  readonly isChosen: boolean;
}

/** What goes with a task. */
export interface TaskTerms {
  readonly timeoutMs: number | undefined;
  readonly delayMs: number;
  readonly ttlMs: number;
  readonly priority: Priority;
  readonly session: string | undefined;
  readonly trace: Trace | undefined;
}

/** @param prefix subject of all tasks, with its last "." */
export function headOf(queued: Queued, prefix: string): QueuedHead {
  const named = queued.header(Header.task);
  // What is tried again keeps its number.
  const isNamed = named !== undefined && isTaskId(named);
  const chosen = isNamed ? named : (queued.header(MESSAGE_ID) ?? "");
  const [agent = "", method] = queued.subject.slice(prefix.length).split(".");
  const isChosen = isNamed || isChosenId(chosen);
  const tags = queued.header(Header.tags)?.split(",") ?? [];
  return { id: isChosen ? chosen : String(queued.sequence), isChosen, agent, method, tags };
}

/** @throws MeshError `bad_request` for a header that is malformed */
export function termsOf(queued: Queued): TaskTerms {
  const ms = (name: string): number | undefined => {
    const text = queued.header(name);
    return text === undefined ? undefined : toMs(/^\d+$/.test(text) ? Number(text) : text, name);
  };
  const priority = queued.header(Header.priority);
  const traceparent = queued.header(Header.traceparent);
  return {
    timeoutMs: ms(Header.timeout),
    delayMs: ms(Header.delay) ?? 0,
    ttlMs: ms(Header.ttl) ?? Infinity,
    priority: priority === undefined ? "normal" : priorityOf(priority.trim().toLowerCase(), Header.priority),
    session: queued.header(Header.session)?.trim(),
    trace:
      traceparent === undefined ? undefined : parseTraceparent(traceparent, queued.header(Header.tracestate)),
  };
}

/** @throws MeshError `bad_request` when the payload cannot be read */
export function inputOf(payload: Uint8Array, shape: () => PlainShape): unknown {
  if (!isFrame(payload)) return decodePlain(payload, shape());
  const frame = new Frame(payload);
  return frame.typed ? decodePlain(frame.bodyBytes, shape()) : frame.body();
}

/** @param typed the input is text as somebody typed it @throws MeshError `bad_request` */
export function taskPayload(input: unknown, typed = false): Uint8Array {
  return encodeFrame({ kind: Kind.request, call: 0, typed, caller: NOBODY }, input);
}

/** @throws MeshError `bad_request` for options that make no sense */
export function headersFor(options: SubmitOptions): Record<string, string> {
  const { id, delay, ttl, tags = [], timeout, priority, session } = options;
  const headers: Record<string, string> = {};
  if (id !== undefined) {
    checkTaskId(id);
    headers[Header.task] = id;
  }
  if (delay !== undefined) headers[Header.delay] = `${toMs(delay, "delay")}ms`;
  if (ttl !== undefined) headers[Header.ttl] = `${toMs(ttl, "ttl")}ms`;
  if (timeout !== undefined) headers[Header.timeout] = `${toMs(timeout, "timeout")}ms`;
  if (priority !== undefined) headers[Header.priority] = priorityOf(priority, "priority");
  if (session !== undefined) headers[Header.session] = checkSessionId(session);
  checkTags(tags);
  if (tags.length > 0) headers[Header.tags] = tags.join(",");
  return headers;
}
