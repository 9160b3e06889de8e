import type { Clock } from "../clock.ts";
import type { Deadlines } from "../deadlines.ts";
import { MeshError } from "../errors.ts";
import { asMeshError, failureOf } from "../protocol/failure.ts";
import { type Frame, Kind, encodeFrame } from "../protocol/frame.ts";
import { newCallerId, requestIdText } from "../protocol/request-id.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { StatusEvent, Transport } from "../transport/transport.ts";
import { CancelNotice } from "./cancel-notice.ts";
import type { Journal } from "../tracing/journal.ts";
import { CreditPool } from "./credit-pool.ts";
import { Inbox } from "./inbox.ts";
import { Liveness, RECONNECT_GRACE_MS } from "./liveness.ts";
import type { OpenCall } from "./open-call.ts";
import { Pending } from "./pending.ts";
import { Probe, type ProbeAnswer } from "./probe.ts";
import { encodeRequest } from "./request-frame.ts";
import { targetOf } from "./request.ts";
import { RollCall } from "./roll-call.ts";
import { signerOf } from "./signer.ts";
import { Unheard } from "./unheard.ts";

/**
 * Every call of one client: sent, found again after a reconnect, and ended.
 *
 * C1: a call made while the connection is down is sent when it is back, with the time that is then left, or ends at
 *     its deadline. It never silently vanishes.
 * C2: when the connection closes for good, every call ends.
 * C3: a client that closes tells the replicas that hold its calls, those too that have not spoken yet.
 */

type Entry = Pending | CancelNotice | Probe;
type Addressed = Pick<Entry, "number" | "reply">;

/** A replica says that it holds a request after 20 ms. */
const LINGER_MS = 100;

export interface CallsParts {
  transport: Transport;
  subjects: Subjects;
  clock: Clock;
  deadlines: Deadlines;
  /** Whether lost work is noticed at all. */
  failover: boolean;
  /** Remembers which attempts have failed; undefined for a client that nobody asks. */
  journal?: Journal | undefined;
}

export class Calls {
  readonly clock: Clock;
  /** Undefined without failover: nobody is watched. */
  readonly liveness: Liveness | undefined;
  readonly unheard: Unheard;
  readonly credit: CreditPool = new CreditPool();
  private readonly transport: Transport;
  private readonly subjects: Subjects;
  private readonly deadlines: Deadlines;
  private readonly journal: Journal | undefined;
  private readonly caller: Uint8Array = newCallerId();
  private readonly inbox: Inbox<Entry>;
  private readonly rollCall: RollCall | undefined;
  private readonly unsent = new Set<Pending>();
  private readonly stopStatus: () => void;
  private whenQuiet: (() => void) | undefined;
  private closed = false;
  /** Until then replicas may still be reconnecting. */
  private steadyAt = 0;

  constructor({ transport, subjects, clock, deadlines, failover, journal }: CallsParts) {
    this.transport = transport;
    this.subjects = subjects;
    this.clock = clock;
    this.deadlines = deadlines;
    this.journal = journal;
    this.inbox = new Inbox(transport, (word) => this.hear(word));
    this.stopStatus = transport.onStatus((event) => this.onStatus(event));
    const isAlive = (replica: string, answer: (isAlive: boolean) => void): (() => void) =>
      this.probe(replica, (pong) => answer(pong !== undefined));
    const isSteady = (): boolean => this.isSteady;
    this.unheard = new Unheard({
      clock,
      deadlines,
      probe: isAlive,
      calls: () =>
        this.inbox.all().filter((call): call is Pending => call instanceof Pending && !call.isHeard),
      isSteady,
    });
    if (!failover) return;
    this.rollCall = new RollCall({
      clock,
      probe: (replica, answer, body) => this.probe(replica, answer, body),
    });
    this.liveness = new Liveness({
      clock,
      deadlines,
      probe: (replica, answer) => this.probe(replica, (pong) => answer(pong?.value)),
      isSteady,
      onLoss: (replica) => this.unheard.lost(replica),
      onBreak: (calls) => this.rollCall?.ask(calls.filter((each) => each instanceof Pending)),
    });
  }

  /** Calls that wait for an outcome. */
  get size(): number {
    return this.inbox.size + this.unsent.size;
  }

  /** Sends a call, now or when the connection is back. */
  start(call: Pending): void {
    if (this.closed || this.transport.status === "closed") return call.fail(closedError());
    this.unheard.watch(call);
    this.resume(call);
  }

  private resume(call: Pending): void {
    if (this.closed || this.transport.status === "closed") return call.fail(closedError());
    // C1
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
    this.credit.settle(call);
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

  /** An attempt has failed. @param again another is made */
  noteFailure(call: OpenCall, error: MeshError, again: boolean): void {
    if (!this.journal) return;
    const { request, trace, present } = call;
    const { traceId = present.id, spanId: parent } = trace ?? {};
    if (traceId === undefined) return;
    this.journal.failed({ trace: traceId, parent, target: targetOf(request), ...present, again }, error);
  }

  private hear(word: Frame): void {
    const replica = signerOf(word);
    if (word.kind === Kind.left && replica !== undefined) this.unheard.left(replica);
  }

  /** Asks a replica something, at least whether it lives; the returned function stops waiting. */
  private probe(replica: string, answer: ProbeAnswer, body?: unknown): () => void {
    if (this.transport.status !== "connected") return () => {};
    const probe = new Probe(this, answer);
    const reply = this.inbox.add(probe);
    try {
      const frame = encodeFrame({ kind: Kind.ping, call: probe.number }, body);
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
    if (call.reply === undefined) this.unsent.delete(call as Pending);
    else if (this.inbox.remove(call) && this.inbox.size === 0) this.whenQuiet?.();
  }

  /** P3: keeps listening for the replica of a call that was given up, to cancel it there. */
  leaveNotice({ number, reply, request }: Pick<Pending, "number" | "reply" | "request">): void {
    if (!reply) return;
    const notice = new CancelNotice(this, number, reply);
    this.inbox.handOver(notice);
    this.deadlines.add(notice, request.deadlineAt);
  }

  /** Says something about a call to the replica that holds it. */
  tell(replica: string, kind: Kind, call: Addressed, value: number): void {
    try {
      this.say(replica, call, encodeFrame({ kind, call: call.number, value }));
    } catch {
      // A word to a replica is a courtesy: its own deadline ends the request as well.
    }
  }

  /** Answers a question of the replica that holds a call. @throws MeshError when that cannot be sent */
  answer(replica: string, call: Addressed, number: number, answer: string | MeshError): void {
    const head = { kind: Kind.answer, call: call.number, value: number };
    const refused = typeof answer !== "string";
    this.say(replica, call, encodeFrame({ ...head, multi: refused }, refused ? failureOf(answer) : answer));
  }

  private say(replica: string, { reply }: Addressed, frame: Uint8Array): void {
    if (this.transport.status === "closed" || !reply) return;
    reply.wasSpokenOf = true;
    this.transport.publish(this.subjects.at(replica), frame, { reply: reply.text });
  }

  /** Ends every call at once, then waits for the replicas that are still to be told: 100 ms at most. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.stopStatus();
    this.rollCall?.stop();
    this.unheard.stop();
    this.failAll();
    // C3
    if (this.inbox.size > 0 && this.transport.status === "connected") await this.quiet();
    this.forgetNotices();
    this.inbox.close();
  }

  private send(call: Pending): void {
    const { request } = call;
    const remainingMs = Math.ceil(this.remainingMs(call));
    if (remainingMs <= 0) return call.onDue();
    const reply = this.inbox.add(call);
    try {
      const frame = encodeRequest(call, this.caller, remainingMs, this.credit.lend(call));
      this.transport.publish(request.subject, frame, { reply });
    } catch (error) {
      call.fail(asMeshError(error));
    }
  }

  private onStatus(event: StatusEvent): void {
    if (event.type === "closed") {
      // C2
      this.failAll();
      this.forgetNotices();
      this.rollCall?.stop();
    }
    if (event.type !== "connected") return;
    this.steadyAt = this.clock.now() + RECONNECT_GRACE_MS;
    const entries = this.inbox.all();
    for (const entry of entries) entry.reconnected();
    this.rollCall?.begin(entries.filter((each) => each instanceof Pending));
    const waiting = [...this.unsent];
    this.unsent.clear();
    for (const call of waiting) this.send(call);
  }

  private failAll(): void {
    for (const call of [...this.inbox.all(), ...this.unsent]) call.hangUp(closedError());
  }

  private forgetNotices(): void {
    for (const notice of this.inbox.all()) this.finish(notice);
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

function closedError(): MeshError {
  return new MeshError("unavailable", "the connection to the mesh is closed.", { retryable: false });
}
