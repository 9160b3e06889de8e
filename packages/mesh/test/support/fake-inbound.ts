import type { Cancellable, ChunkSink, Inbound, Work } from "../../src/actor/inbound.ts";
import type { MeshError } from "../../src/errors.ts";
import type { ReplyMetadata } from "../../src/protocol/metadata.ts";
import type { Priority } from "../../src/protocol/priority.ts";
import type { Trace } from "../../src/protocol/trace.ts";

let serial = 0;

/** A request that remembers everything that was said to its caller. */
export class FakeInbound implements Inbound, ChunkSink {
  readonly attempt: number;
  readonly id: string = (++serial).toString(16).padStart(32, "0");
  readonly idempotencyKey: string | undefined = undefined;
  readonly remainingMs: number;
  readonly chain: readonly string[];
  readonly trace: Trace | undefined;
  readonly retries = undefined;
  readonly undegraded: boolean;
  readonly priority: Priority;
  readonly sender: string;
  readonly from = 0;
  readonly value: unknown;
  /** Terminal outcomes, in order: there must never be two. */
  readonly outcomes: (MeshError | { result: unknown } | { chunks: unknown[] })[] = [];
  readonly chunks: unknown[] = [];
  heldBy: Cancellable | undefined;
  /** What went with the result. */
  metadata: ReplyMetadata | undefined;
  acceptedTimes = 0;
  closedTimes = 0;
  /** Thrown by everything that would be sent. */
  unsendable: Error | undefined;
  /** What a slow caller makes the stream wait for. */
  gate: Promise<void> | undefined;

  constructor(
    value: unknown,
    options: {
      remainingMs?: number;
      attempt?: number;
      chain?: readonly string[];
      trace?: Trace | undefined;
      priority?: Priority;
      sender?: string;
      undegraded?: boolean;
    } = {},
  ) {
    this.value = value;
    this.attempt = options.attempt ?? 1;
    this.remainingMs = options.remainingMs ?? 30_000;
    this.chain = options.chain ?? [];
    this.trace = options.trace;
    this.undegraded = options.undegraded ?? false;
    this.priority = options.priority ?? "normal";
    this.sender = options.sender ?? "somebody";
  }

  /** The one error it ended with; undefined when it ended well, or not yet. */
  get failure(): MeshError | undefined {
    const [outcome] = this.outcomes;
    return outcome instanceof Error ? outcome : undefined;
  }

  get resolved(): unknown {
    const [outcome] = this.outcomes;
    return outcome && "result" in outcome ? outcome.result : undefined;
  }

  input(): unknown {
    return this.value;
  }

  accepted(job: Cancellable): void {
    if (this.unsendable) throw this.unsendable;
    this.acceptedTimes++;
    this.heldBy = job;
  }

  result(value: unknown, { metadata }: Work): undefined {
    if (this.unsendable) throw this.unsendable;
    this.metadata = metadata;
    this.outcomes.push({ result: value });
  }

  openStream(job: Cancellable): ChunkSink {
    this.heldBy = job;
    return this;
  }

  ready(): Promise<void> | undefined {
    return this.gate;
  }

  send(chunk: unknown): void {
    if (this.unsendable) throw this.unsendable;
    this.chunks.push(chunk);
  }

  end(): void {
    this.outcomes.push({ chunks: this.chunks });
  }

  error(error: MeshError): void {
    this.outcomes.push(error);
    if (this.unsendable) throw this.unsendable;
  }

  closed(): void {
    this.closedTimes++;
  }
}
