import { decodeMsgpack, encodeShared } from "../protocol/body.ts";
import { NodeCopy, type ReplicaChange } from "./copy.ts";
import type { Numbers } from "./entry.ts";
import type { NodeFigures } from "./figures.ts";
import type { StatsMessage } from "./message.ts";

/** What has come of a message. */
export type Heard =
  /** It was the next one. */
  | "news"
  /** With it everything is known. */
  | "whole"
  /** Nothing that was not known. */
  | "nothing"
  /** Something before it is missing: ask for the whole. */
  | "gap";

/**
 * A node's figures, at whoever listens.
 *
 * ME3: a message counts once, whether it comes late, again or out of order. One that does not follow the last that counted
 *      changes nothing: it tells that something is missing, and a whole says all of it.
 */
export class NodeMirror {
  readonly node: string;
  /** Milliseconds between messages, as the node says. */
  intervalMs: number;
  private held: NodeCopy | undefined;
  /** In its place. */
  private packed: Uint8Array | undefined;
  /** Everything up to this message is known; undefined while nothing is. */
  private seq: number | undefined;
  private parts = new Map<number, StatsMessage>();

  constructor({ node, intervalMs }: Pick<StatsMessage, "node" | "intervalMs">) {
    this.node = node;
    this.intervalMs = intervalMs;
    this.held = new NodeCopy(node);
  }

  /** False until the node's figures are known. */
  get isKnown(): boolean {
    return this.seq !== undefined;
  }

  /** As the node has told them. Distributions change with what comes later. */
  get figures(): NodeFigures {
    return this.copy.figures;
  }

  /** Nothing is expected of the node any more: until it tells something, its figures take little memory, and time to read. */
  pack(): void {
    if (!this.held) return;
    const { numbers, all } = this.held;
    // The encoder uses its buffer again.
    this.packed = Uint8Array.from(encodeShared([all, numbers]));
    this.held = undefined;
  }

  take(message: StatsMessage): Heard {
    this.intervalMs = message.intervalMs;
    return message.part ? this.takePart(message, ...message.part) : this.takeNews(message);
  }

  private takeNews({ seq, replicas, numbers }: StatsMessage): Heard {
    // ME3: a node's first message tells all that there is.
    const known = this.seq ?? 0;
    if (seq <= known) return this.isKnown ? "nothing" : "gap";
    if (seq > known + 1) return "gap";
    const copy = this.hold(this.copy);
    copy.apply(replicas, numbers);
    this.seq = seq;
    return "news";
  }

  private takePart(message: StatsMessage, number: number, of: number): Heard {
    const { seq } = message;
    // ME3: it tells of no more than is known.
    if (this.seq !== undefined && seq <= this.seq) return "nothing";
    const [other] = this.parts.values();
    if (other && (other.seq !== seq || other.part?.[1] !== of)) this.parts.clear();
    this.parts.set(number, message);
    if (this.parts.size < of) return "nothing";
    const copy = this.hold(new NodeCopy(this.node));
    for (const part of this.parts.values()) copy.apply(part.replicas, part.numbers);
    this.parts.clear();
    this.seq = seq;
    return "whole";
  }
  private hold(copy: NodeCopy): NodeCopy {
    this.held = copy;
    this.packed = undefined;
    return copy;
  }

  private get copy(): NodeCopy {
    if (this.held) return this.held;
    const copy = new NodeCopy(this.node);
    if (this.packed) copy.apply(...(decodeMsgpack(this.packed) as [ReplicaChange[], Numbers]));
    return copy;
  }
}
