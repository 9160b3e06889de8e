import type { KeptAnswer } from "../contract/context.ts";
import type { Asking, Question } from "../contract/question.ts";
import type { MeshError } from "../errors.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import type { PlainShape } from "../protocol/plain.ts";
import type { Priority } from "../protocol/priority.ts";
import type { Trace } from "../protocol/trace.ts";

/**
 * A request as it reached an actor, and the way back to its caller. The wire, the plain path and the in-process path
 * each have one; the actor knows no other.
 */
export interface Inbound {
  /** Milliseconds that were left when it arrived. */
  readonly remainingMs: number;
  readonly attempt: number;
  readonly chain: readonly string[];
  readonly idempotencyKey: string | undefined;
  readonly trace: Trace | undefined;
  /** Further attempts that the caller allows. */
  readonly retries: number | undefined;
  readonly undegraded: boolean;
  readonly priority: Priority;
  /** Tokens of language models that its caller allows; undefined: as many as it likes. */
  readonly tokens?: number | undefined;
  /** The session that its caller names; undefined when it names none. */
  readonly session?: string | undefined;
  /** Names whoever sent it, as far as that is known: those who wait are treated alike. Asked for when it must wait. */
  readonly sender: string;
  /** Chunks that the caller has already. */
  readonly from: number;
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Bytes of its payload, which are kept while it waits; undefined when there are none. */
  readonly size?: number;
  /** It was made in this process just now: it cannot have waited in a socket. */
  readonly isLocal?: boolean;
  /** Milliseconds that it has waited elsewhere. */
  readonly waitedMs?: number;
  /** How often it has been moved. */
  readonly moves?: number;
  /** The durable task that it is an attempt at. */
  readonly task?: string;
  /** Chooses its trace, where only some are written down: the same for all requests of one. Default: from its ids. */
  readonly lot?: number | undefined;
  /** It has been promised a place here. */
  readonly isOwed?: boolean;
  /** Its caller has been told that it is here. */
  readonly isKnown?: boolean;
  /** An answer to it that is too old to be given. */
  kept?(): KeptAnswer | undefined;
  /** It can be worked on by another replica. Without it, it cannot. */
  mayMove?(to: string): boolean;
  /** The request as another replica may take it up. */
  parcel?(remainingMs: number): Parcel;
  /** Another replica has it: says so to the caller, and forgets the request. */
  moved?(to: string): void;
  /** @throws MeshError `bad_request` when the payload cannot be read */
  input(shape: () => PlainShape): unknown;
  /** Tells the caller who holds its request, once that takes a while. */
  accepted(job: Work): void;
  /** @throws MeshError when this result cannot be sent */
  sendable?(value: unknown): void;
  /** Sends the result; a promise when that takes a while. @throws MeshError when it cannot be sent */
  result(value: unknown, job: Work): Promise<void> | undefined;
  /** Its caller answers questions. */
  readonly isAskable?: boolean;
  /** Asks its caller something. Rejects with a MeshError: what went wrong on the caller's side. */
  ask?(question: Question, asking: Asking): Promise<string>;
  /** Tells whoever watches how far the work is. */
  progress?(value: unknown): void;
  /** Takes chunks. @throws MeshError when the caller did not ask for a stream and cannot take one */
  openStream(job: Work): ChunkSink;
  /** @param hasBegun false when the handler has certainly not been called */
  error(error: MeshError, hasBegun: boolean): void;
  /** Nothing more will be sent: forget the request. */
  closed(): void;
}

/** A request on its way to another replica. */
export interface Parcel {
  /** Undefined for the default one. */
  readonly method: string | undefined;
  /** Where its caller waits for the answer. */
  readonly reply: string;
  readonly payload: Uint8Array;
  /** Its caller is told who has it. */
  readonly isKnown?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a request that does not say it itself. */
  readonly id?: string;
  readonly moves?: number;
}

export interface ChunkSink {
  /** Undefined when a chunk may be sent now; else resolves when it may, or when the request has ended. */
  ready(): Promise<void> | undefined;
  /** @throws MeshError when the chunk cannot be sent */
  send(chunk: unknown): void;
  /** Ends the stream well; a promise when that takes a while. @throws MeshError when that cannot be sent */
  end(metadata: ReplyMetadata | undefined): Promise<void> | void;
}

export interface Cancellable {
  cancel(reason: MeshError): void;
}

/** What is done for a request, as those see it who wait for it. */
export interface Work extends Cancellable {
  /** By the actor's clock. */
  readonly expiresAt: number;
  /** What goes with the answer; undefined when nothing does. */
  readonly metadata: ReplyMetadata | undefined;
  /** Sets another deadline: somebody else waits for it too, or no longer does. Does nothing when it has ended. */
  expireAt(expiresAt: number): void;
}
