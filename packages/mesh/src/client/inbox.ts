import { Frame, NO_CALL, callOf, isFrame } from "../protocol/frame.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { MeshError } from "../errors.ts";
import type { Message, Subscription, Transport } from "../transport/transport.ts";
import { type ReplySubject, ReplySubjects } from "./reply-subjects.ts";

/** Who waits for replies. */
export interface Addressee {
  /** Unique among the client's calls; 0 until it has an address. */
  number: number;
  /** Where its answer goes; undefined until it has an address. */
  reply: ReplySubject | undefined;
  /** Its last frame has come, or nobody will send one. */
  readonly isAnswered: boolean;
  receiveFrame(frame: Frame): void;
  receivePlain(message: Message): void;
  /** What came for it cannot be used. */
  spoil(error: MeshError): void;
}

const MAX_U32 = 0xffff_ffff;

/** One subscription for every reply to a client. Frames name their call; anything else is known by its subject. */
export class Inbox<A extends Addressee> {
  private readonly transport: Transport;
  private readonly prefix: string;
  private readonly subjects: ReplySubjects;
  private readonly open = new Map<number, A>();
  /** The same, by the place of their reply subject. */
  private readonly placed: (A | undefined)[] = [];
  private subscription: Subscription | undefined;
  private last = 0;
  private readonly onWord: (word: Frame) => void;

  /** @param onWord is given what is said of no call */
  constructor(transport: Transport, onWord: (word: Frame) => void) {
    this.transport = transport;
    this.onWord = onWord;
    this.prefix = `${transport.newInbox()}.`;
    this.subjects = new ReplySubjects(this.prefix);
  }

  get size(): number {
    return this.open.size;
  }

  /** Those that wait now. */
  all(): A[] {
    return [...this.open.values()];
  }

  /** Gives somebody a number and a reply subject, which it returns. */
  add(addressee: A): string {
    this.subscription ??= this.transport.subscribe(`${this.prefix}*`, (message) => this.receive(message));
    do this.last = this.last === MAX_U32 ? 1 : this.last + 1;
    while (this.open.has(this.last));
    const reply = this.subjects.take();
    addressee.number = this.last;
    addressee.reply = reply;
    this.put(addressee, reply);
    return reply.text;
  }

  /** From now on somebody else gets what comes to this address, which both have. */
  handOver(addressee: A): void {
    if (addressee.reply) this.put(addressee, addressee.reply);
  }

  /** False for one that is not there, such as one that has handed over. */
  remove(addressee: A): boolean {
    const { number, reply } = addressee;
    if (!reply || this.open.get(number) !== addressee) return false;
    this.open.delete(number);
    this.placed[reply.place] = undefined;
    this.subjects.giveBack(reply, addressee.isAnswered);
    return true;
  }

  close(): void {
    this.subscription?.unsubscribe();
  }

  private put(addressee: A, reply: ReplySubject): void {
    this.open.set(addressee.number, addressee);
    this.placed[reply.place] = addressee;
  }

  private receive(message: Message): void {
    const { payload } = message;
    const isFramed = isFrame(payload);
    const addressee = isFramed ? this.open.get(callOf(payload)) : this.placedOn(message.subject);
    if (!addressee) {
      // P2: what comes after the end is for nobody.
      if (isFramed && callOf(payload) === NO_CALL) this.hear(payload);
      return;
    }
    try {
      if (isFramed) addressee.receiveFrame(new Frame(payload));
      else addressee.receivePlain(message);
    } catch (error) {
      addressee.spoil(asMeshError(error));
    }
  }

  private hear(payload: Uint8Array): void {
    let word: Frame;
    try {
      word = new Frame(payload);
    } catch {
      return;
    }
    this.onWord(word);
  }

  private placedOn(subject: string): A | undefined {
    const addressee = this.placed[Number.parseInt(subject.slice(this.prefix.length), 10)];
    return addressee?.reply?.text === subject ? addressee : undefined;
  }
}
