import type { Clock } from "../clock.ts";
import type { Deadlines } from "../deadlines.ts";
import { MeshError } from "../errors.ts";
import { encodeExtensions } from "../protocol/extensions.ts";
import { asMeshError } from "../protocol/failure.ts";
import { Frame, Kind, callOf, encodeFrame, isFrame } from "../protocol/frame.ts";
import { newCallerId, requestIdText } from "../protocol/request-id.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Message, StatusEvent, Subscription, Transport } from "../transport/transport.ts";
import { ReplySubjects } from "./reply-subjects.ts";
import { CancelNotice } from "./cancel-notice.ts";
import { Liveness, RECONNECT_GRACE_MS } from "./liveness.ts";
import type { Pending } from "./pending.ts";
import { Probe, type ProbeAnswer } from "./probe.ts";

/**
 * Every call of one client: one inbox subscription for all replies, one number for each call.
 *
 * C1: a call made while the connection is down is sent when it is back, with the time that is then left, or ends at
 *     its deadline. It never silently vanishes.
 * C2: when the connection closes for good, every call ends.
 * C3: a client that closes tells the replicas that hold its calls, those too that have not spoken yet.
 */

type Entry = Pending | CancelNotice | Probe;
type Addressed = Pick<Entry, "number" | "reply">;

/** A live replica says within 20 ms that it holds a request; silence for this long means that none does. */
const UNHEARD_MS = 1_000;

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
  readonly liveness: Liveness;
  private readonly transport: Transport;
  private readonly subjects: Subjects;
  private readonly deadlines: Deadlines;
  private readonly caller: Uint8Array = newCallerId();
  private readonly inbox: string;
  private readonly replySubjects: ReplySubjects;
  private readonly pending = new Map<number, Entry>();
  /** The same calls, by the place of their reply subject. */
  private readonly placed: (Entry | undefined)[] = [];
  private readonly unsent = new Set<Pending>();
  private readonly stopStatus: () => void;
  private subscription: Subscription | undefined;
  private whenQuiet: (() => void) | undefined;
  private last = 0;
  private closed = false;
  /** Until then replicas may still be reconnecting. */
  private steadyAt = 0;

  constructor({ transport, subjects, clock, deadlines }: CallsParts) {
    this.transport = transport;
    this.subjects = subjects;
    this.clock = clock;
    this.deadlines = deadlines;
    this.inbox = `${transport.newInbox()}.`;
    this.replySubjects = new ReplySubjects(this.inbox);
    this.liveness = new Liveness({
      clock,
      deadlines,
      probe: (replica, answer) => this.probe(replica, answer),
      isSteady: () => this.isSteady,
    });
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
    this.watch(call);
    this.resume(call);
  }

  /** Wakes a call at its deadline, or sooner where it wants to know whether anybody has heard it. */
  watch(call: Pending): void {
    const { deadlineAt } = call.request;
    this.deadlines.add(call, call.isHeard ? deadlineAt : Math.min(deadlineAt, this.clock.now() + UNHEARD_MS));
  }

  private resume(call: Pending): void {
    if (this.closed || this.transport.status === "closed") return call.fail(closedError());
    if (this.transport.status === "connected") this.send(call);
    else this.unsent.add(call);
  }

  /** True when a missing answer means something: connected, and for long enough for replicas to be so too. */
  get isSteady(): boolean {
    return this.transport.status === "connected" && this.clock.now() >= this.steadyAt;
  }

  /** Sends a call once more: after `afterMs`, with the time that is then left. */
  again(call: Pending, afterMs: number): void {
    this.drop(call);
    call.number = 0;
    call.reply = undefined;
    call.isAnswered = false;
    if (afterMs <= 0) return this.resume(call);
    this.unsent.add(call);
    this.clock.after(afterMs, () => {
      if (this.unsent.delete(call)) this.resume(call);
    });
  }

  /** The id of a call's present attempt: 32 hexadecimal digits. */
  idOf({ number }: Addressed): string {
    return requestIdText(this.caller) + number.toString(16).padStart(8, "0");
  }

  /** Asks a replica whether it lives, and whether it holds a call; the returned function stops waiting. */
  probe(replica: string, answer: ProbeAnswer, about?: Addressed): () => void {
    const probe = new Probe(this, answer);
    if (this.transport.status !== "connected") return () => {};
    const reply = this.open(probe);
    // A probe is known by its own number, and says in its body which call it asks about.
    const question = about?.reply && { call: about.number, reply: about.reply.text };
    try {
      const frame = encodeFrame({ kind: Kind.ping, call: probe.number }, question);
      this.transport.publish(this.subjects.at(replica), frame, { reply });
    } catch {
      this.finish(probe);
    }
    return () => this.finish(probe);
  }

  /** Forgets a call that has ended. */
  finish(call: Entry): void {
    this.deadlines.remove(call);
    this.drop(call);
  }

  private drop(call: Entry): void {
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
    const reply = this.open(call);
    try {
      const frame = encodeFrame(
        {
          kind: Kind.request,
          call: call.number,
          value: Math.min(MAX_U32, remainingMs),
          attempt: Math.min(call.attempt, 255),
          multi: call.takesStream,
          typed: request.typed,
          caller: this.caller,
          extensions: extensionsOf(call),
        },
        request.input,
      );
      this.transport.publish(request.subject, frame, { reply });
    } catch (error) {
      call.fail(asMeshError(error));
    }
  }

  /** Gives a call its number and its reply subject. */
  private open(call: Pending | Probe): string {
    this.subscription ??= this.transport.subscribe(`${this.inbox}*`, (message) => this.receive(message));
    do this.last = this.last === MAX_U32 ? 1 : this.last + 1;
    while (this.pending.has(this.last));
    const reply = this.replySubjects.take();
    call.number = this.last;
    call.reply = reply;
    this.pending.set(call.number, call);
    this.placed[reply.place] = call;
    return reply.text;
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

  private calledOn(subject: string): Entry | undefined {
    const call = this.placed[Number.parseInt(subject.slice(this.inbox.length), 10)];
    return call?.reply?.text === subject ? call : undefined;
  }

  private onStatus(event: StatusEvent): void {
    if (event.type === "closed") {
      this.failAll();
      this.forgetNotices();
    }
    if (event.type !== "connected") return;
    this.steadyAt = this.clock.now() + RECONNECT_GRACE_MS;
    for (const call of [...this.pending.values()]) call.reconnected();
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
function extensionsOf({ request, key }: Pending): Uint8Array | undefined {
  const { isDirect, chain, trace, window } = request;
  if (!isDirect && chain === undefined && key === undefined && window === undefined) return undefined;
  const method = isDirect ? request.method : undefined;
  return encodeExtensions({ chain, idempotencyKey: key, trace, window, method });
}

function closedError(): MeshError {
  return new MeshError("unavailable", "the connection to the mesh is closed.", { retryable: false });
}
