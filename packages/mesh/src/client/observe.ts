import type { Clock } from "../clock.ts";
import { textOf } from "../protocol/body.ts";
import { decodeExtensions } from "../protocol/extensions.ts";
import { Frame, Kind, isFrame } from "../protocol/frame.ts";
import { Header } from "../protocol/headers.ts";
import { requestIdText } from "../protocol/request-id.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Directory } from "./directory.ts";
import { addressed } from "../transport/addressed.ts";
import type { Message, Subscription, Transport } from "../transport/transport.ts";
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
/** What comes to a caller before its answer. */
const UNDER_WAY: ReadonlySet<Kind> = new Set([Kind.accepted, Kind.part, Kind.ask]);
const MAX_OPEN = 10_000;
/** How often it looks who is there. */
const LOOK_EVERY_MS = 2_000;

/**
 * Watches every request, its outcome, and the mesh's events, by listening beside those they are meant for. Outcomes are
 * seen where NATS lets this user listen to all inboxes, of those clients that have the same inbox prefix.
 *
 * O1: it listens only to agents that are there. To NATS whoever listens is somebody who might answer, so a watcher of
 *     every subject would turn `no responders` into a timeout for everybody who calls an agent that is not there. An
 *     agent whose last replica was killed is noticed within about 2 s.
 */
export class Observer {
  private readonly transport: Transport;
  private readonly clock: Clock;
  private readonly subjects: Subjects;
  private readonly directory: Directory;
  private readonly listener: (observed: Observed) => void;
  private readonly open = new Map<string, Open>();
  private readonly watched = new Map<string, Subscription[]>();
  private readonly always: Subscription[];
  private stopLooking: (() => void) | undefined;
  private stopped = false;

  constructor(
    { transport, clock, subjects, directory }: ObserverParts,
    listener: (observed: Observed) => void,
  ) {
    this.transport = transport;
    this.clock = clock;
    this.subjects = subjects;
    this.directory = directory;
    this.listener = listener;
    const events = subjects.event("*", "*");
    this.always = [
      transport.subscribe(allInboxes(transport), (message) => this.onReply(message)),
      transport.subscribe(
        events,
        addressed(events, (message) => this.onEvent(message)),
      ),
    ];
    void this.look();
  }

  stop(): void {
    this.stopped = true;
    this.stopLooking?.();
    for (const subscription of [...this.always, ...[...this.watched.values()].flat()])
      subscription.unsubscribe();
  }

  /** Listens to the agents that are there now, and to no other. */
  private async look(): Promise<void> {
    this.stopLooking?.();
    const replies = await this.directory.ping().catch(() => undefined);
    // A client that has closed watches nothing more, stopped or not.
    if (this.stopped || this.transport.status === "closed") return;
    this.stopLooking?.();
    this.stopLooking = this.clock.after(LOOK_EVERY_MS, () => void this.look());
    if (!replies) return;
    const present = new Set(replies.map(({ agent }) => agent));
    // O1
    for (const agent of present) this.watch(agent);
    for (const agent of this.watched.keys()) if (!present.has(agent)) this.unwatch(agent);
  }

  private watch(agent: string): void {
    if (this.watched.has(agent)) return;
    const onRequest = (message: Message): void => this.onRequest(agent, message);
    const subjects = [this.subjects.agent(agent), this.subjects.anyMethod(agent)];
    this.watched.set(
      agent,
      subjects.map((subject) => this.transport.subscribe(subject, onRequest)),
    );
  }

  private unwatch(agent: string): void {
    for (const subscription of this.watched.get(agent) ?? []) subscription.unsubscribe();
    this.watched.delete(agent);
  }

  private onRequest(agent: string, { subject, payload, reply }: Message): void {
    const at = this.subjects.agent(agent).length;
    const method = subject.length > at ? subject.slice(at + 1) : undefined;
    const frame = frameOf(payload);
    const id = frame ? requestIdText(frame.requestId) : reply.slice(reply.lastIndexOf(".") + 1);
    this.listener({
      type: "request",
      agent,
      method,
      id,
      bytes: payload.length,
      remainingMs: frame?.value ?? null,
    });
    if (!reply) return;
    this.open.set(reply, { agent, method, id, at: this.clock.now(), chunks: 0 });
    if (this.open.size > MAX_OPEN) this.open.delete(this.open.keys().next().value ?? "");
  }

  private onReply(message: Message): void {
    const request = this.open.get(message.subject);
    if (!request) return;
    const frame = frameOf(message.payload);
    if (frame && UNDER_WAY.has(frame.kind)) return;
    if (frame?.kind === Kind.chunk) return void request.chunks++;
    this.open.delete(message.subject);
    const { agent, method, id, at, chunks } = request;
    const replica = frame?.hasExtensions ? decodeExtensions(frame.extensions).replica : undefined;
    const tookMs = this.clock.now() - at;
    this.listener({
      type: "outcome",
      agent,
      method,
      id,
      code: codeOf(frame, message),
      tookMs,
      chunks,
      replica,
    });
  }

  private onEvent({ subject, payload }: Message): void {
    const [kind = "", agent = ""] = subject.slice(this.subjects.event("", "").length - 1).split(".");
    this.listener({ type: "event", agent, method: undefined, kind, fields: parseRecord(textOf(payload)) });
    void this.look();
  }
}

export interface ObserverParts {
  transport: Transport;
  clock: Clock;
  subjects: Subjects;
  directory: Directory;
}

/** Every inbox with the prefix of this connection's own: `_INBOX.>` unless it was given another. */
function allInboxes(transport: Transport): string {
  const inbox = transport.newInbox();
  return `${inbox.slice(0, inbox.lastIndexOf("."))}.>`;
}

function codeOf(frame: Frame | undefined, message: Message): string {
  if (message.noResponders) return "unavailable";
  if (frame?.kind === Kind.error) return failureCode(() => frame.body());
  const isError = !frame && message.hasHeaders && message.header(Header.errorCode) !== undefined;
  return isError ? textIn(parseRecord(textOf(message.payload)), "error") || "error" : "ok";
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
