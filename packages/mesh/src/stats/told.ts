import { NodeCopy } from "./copy.ts";
import { nodeNumbers } from "./entry.ts";
import type { NodeFigures } from "./figures.ts";
import { encodeStats } from "./message.ts";
import { inGroups } from "./size.ts";

/** Larger ones would hold up what comes after them. */
const MOST_BYTES = 128 * 1_024;
/** What there is in a message beside its replicas takes less. */
const HEAD_BYTES = 1_024;

/**
 * What a node has told of its figures, and what it has still to tell.
 *
 * ME2: a message tells what has changed since the one before it, as it stands now and not by how much: whoever has heard all
 *      of them up to a number knows what the node knew when it sent that one, and hearing one twice changes nothing.
 */
export class Told {
  private readonly node: string;
  private readonly intervalMs: number;
  private readonly copy: NodeCopy;
  private seq = 0;

  constructor(node: string, intervalMs: number) {
    this.node = node;
    this.intervalMs = intervalMs;
    this.copy = new NodeCopy(node);
  }

  /**
   * What is new, as messages that are sent now: they are not told again.
   * @param maxBytes of one message; it has no more than 128 KiB in any case
   * @param when.isDue with nothing new too, one that says so
   * @param when.isLast they are the last ones
   */
  news(
    figures: NodeFigures,
    maxBytes: number,
    { isDue, isLast }: { isDue: boolean; isLast: boolean },
  ): { messages: Uint8Array[]; isNew: boolean } {
    const changes = this.copy.changesTo(figures);
    const isNew = changes.length > 0;
    if (!isNew && !isDue) return { messages: [], isNew };
    const numbers = nodeNumbers(figures);
    // ME2
    this.copy.apply(changes, numbers);
    const { node, intervalMs } = this;
    const groups = inGroups(changes, roomIn(maxBytes));
    const messages = groups.map((replicas, index) =>
      encodeStats({
        node,
        seq: ++this.seq,
        intervalMs,
        isLast: isLast && index === groups.length - 1,
        numbers,
        replicas,
      }),
    );
    return { messages, isNew };
  }

  /** All that was told so far, for somebody who knows nothing; it goes on with the news. */
  whole(maxBytes: number): Uint8Array[] {
    const { node, intervalMs, seq } = this;
    const { numbers, all } = this.copy;
    const groups = inGroups(all, roomIn(maxBytes));
    return groups.map((replicas, index) =>
      encodeStats({ node, seq, intervalMs, part: [index + 1, groups.length], numbers, replicas }),
    );
  }
}

function roomIn(maxBytes: number): number {
  return Math.min(maxBytes, MOST_BYTES) - HEAD_BYTES;
}
