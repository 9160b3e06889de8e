import type { Clock } from "../clock.ts";
import type { Deadlines } from "../deadlines.ts";
import { MeshError } from "../errors.ts";
import { encodeExtensions } from "../protocol/extensions.ts";
import { asMeshError } from "../protocol/failure.ts";
import { Frame, Kind, callOf, encodeFrame, isFrame } from "../protocol/frame.ts";
import { newCallerId } from "../protocol/request-id.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Message, StatusEvent, Subscription, Transport } from "../transport/transport.ts";
import type { Request } from "./request.ts";
import { ReplySubjects } from "./reply-subjects.ts";
import { CancelNotice, type Pending } from "./pending.ts";

/**
 * Every call of one client: one inbox subscription for all replies, one number for each call.
 *
 * C1: a call made while the connection is down is sent when it is back, with the time that is then left, or ends at
 *     its deadline. It never silently vanishes.
 * C2: when the connection closes for good, every call ends.
 * C3: a client that closes tells the replicas that hold its calls, those too that have not spoken yet.
 */

type Addressed = Pick<Pending | CancelNotice, "number" | "reply">;

const MAX_U32 = 0xffff_ffff;
/** A replica says that it holds a request after 20 ms. */
const LINGER_MS = 100;

export interface CallsParts {
  transport: Transport;
  subjects: Subjects;
  clock: Clock;
  deadlines: Deadlines;
}

export class Calls {
  readonly clock: Clock;
  private readonly transport: Transport;
  private readonly subjects: Subjects;
  private readonly deadlines: Deadlines;
  private readonly caller: Uint8Array = newCallerId();
  private readonly inbox: string;
  private readonly replySubjects: ReplySubjects;
  private readonly pending = new Map<number, Pending | CancelNotice>();
  /** The same calls, by the place of their reply subject. */
  private readonly placed: (Pending | CancelNotice | undefined)[] = [];
  private readonly unsent = new Set<Pending>();
  private readonly stopStatus: () => void;
  private subscription: Subscription | undefined;
  private whenQuiet: (() => void) | undefined;
  private last = 0;
  private closed = false;

  constructor({ transport, subjects, clock, deadlines }: CallsParts) {
    this.transport = transport;
    this.subjects = subjects;
    this.clock = clock;
    this.deadlines = deadlines;
    this.inbox = `${transport.newInbox()}.`;
    this.replySubjects = new ReplySubjects(this.inbox);
    this.stopStatus = transport.onStatus((event) => this.onStatus(event));
  }

  /** Calls that wait for an outcome. */
  get size(): number {
    return this.pending.size + this.unsent.size;
  }

  /** Sends a call, now or when the connection is back. */
  start(call: Pending): void {
    if (this.closed || this.transport.status === "closed") return call.fail(closedError());
    if (this.remainingMs(call) <= 0) return call.onDue();
    this.deadlines.add(call, call.request.deadlineAt);
    if (this.transport.status === "connected") this.send(call);
    else this.unsent.add(call);
  }

  /** Forgets a call that has ended. */
  finish(call: Pending | CancelNotice): void {
    this.deadlines.remove(call);
    const { number, reply } = call;
    if (reply === undefined) this.unsent.delete(call as Pending);
    else if (this.pending.get(number) === call) {
      this.pending.delete(number);
      this.placed[reply.place] = undefined;
      this.replySubjects.giveBack(reply, call.isAnswered);
      if (this.pending.size === 0) this.whenQuiet?.();
    }
  }

  /** Keeps listening for the replica of a call that was given up, to cancel it there. */
  leaveNotice(call: Pending): void {
    const { number, reply } = call;
    if (!reply) return;
    const notice = new CancelNotice(this, number, reply);
    this.pending.set(number, notice);
    this.placed[reply.place] = notice;
    this.deadlines.add(notice, call.request.deadlineAt);
  }

  /** Says something about a call to the replica that holds it. */
  tell(replica: string, kind: Kind, { number, reply }: Addressed, value: number): void {
    if (this.transport.status === "closed" || !reply) return;
    const frame = encodeFrame({ kind, call: number, value });
    try {
      this.transport.publish(this.subjects.at(replica), frame, { reply: reply.text });
    } catch {
      // A word to a replica is a courtesy: its own deadline ends the request as well.
    }
  }

  /** Ends every call at once, then waits for the replicas that are still to be told: 100 ms at most. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.stopStatus();
    this.failAll();
    if (this.pending.size > 0 && this.transport.status === "connected") await this.quiet();
    this.forgetNotices();
    this.subscription?.unsubscribe();
  }

  private send(call: Pending): void {
    const { request } = call;
    const remainingMs = Math.ceil(this.remainingMs(call));
    if (remainingMs <= 0) return call.onDue();
    do this.last = this.last === MAX_U32 ? 1 : this.last + 1;
    while (this.pending.has(this.last));
    const reply = this.replySubjects.take();
    call.number = this.last;
    call.reply = reply;
    this.pending.set(call.number, call);
    this.placed[reply.place] = call;
    try {
      this.subscription ??= this.transport.subscribe(`${this.inbox}*`, (message) => this.receive(message));
      const frame = encodeFrame(
        {
          kind: Kind.request,
          call: call.number,
          value: Math.min(MAX_U32, remainingMs),
          attempt: 1,
          multi: call.takesStream,
          typed: request.typed,
          caller: this.caller,
          extensions: extensionsOf(request),
        },
        request.input,
      );
      this.transport.publish(request.subject, frame, { reply: reply.text });
    } catch (error) {
      call.fail(asMeshError(error));
    }
  }

  private receive(message: Message): void {
    const { payload } = message;
    const isFramed = isFrame(payload);
    const call = isFramed ? this.pending.get(callOf(payload)) : this.calledOn(message.subject);
    if (!call) return;
    try {
      if (isFramed) call.receiveFrame(new Frame(payload));
      else call.receivePlain(message);
    } catch (error) {
      call.spoil(asMeshError(error));
    }
  }

  private calledOn(subject: string): Pending | CancelNotice | undefined {
    const call = this.placed[Number.parseInt(subject.slice(this.inbox.length), 10)];
    return call?.reply?.text === subject ? call : undefined;
  }

  private onStatus(event: StatusEvent): void {
    if (event.type === "closed") {
      this.failAll();
      this.forgetNotices();
    }
    if (event.type !== "connected") return;
    const waiting = [...this.unsent];
    this.unsent.clear();
    for (const call of waiting) this.send(call);
  }

  private failAll(): void {
    for (const call of [...this.pending.values(), ...this.unsent]) {
      call.hangUp(closedError());
    }
  }

  private forgetNotices(): void {
    for (const notice of this.pending.values()) this.finish(notice);
  }

  private quiet(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.clock.after(LINGER_MS, resolve);
      this.whenQuiet = () => {
        stop();
        resolve();
      };
    });
  }

  private remainingMs(call: Pending): number {
    return call.request.deadlineAt - this.clock.now();
  }
}

/** Undefined for most requests, at no cost. */
function extensionsOf(request: Request): Uint8Array | undefined {
  const { isDirect, chain, idempotencyKey, trace, window } = request;
  if (!isDirect && chain === undefined && idempotencyKey === undefined && window === undefined)
    return undefined;
  return encodeExtensions({
    chain,
    idempotencyKey,
    trace,
    window,
    method: isDirect ? request.method : undefined,
  });
}

function closedError(): MeshError {
  return new MeshError("unavailable", "the connection to the mesh is closed.", { retryable: false });
}
