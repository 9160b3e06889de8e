import type { Port, PortMessage, PortSubscription, ReplyAddress } from "../contract/port.ts";
import { MeshError } from "../errors.ts";
import { subjectsUnder } from "../protocol/subjects.ts";
import { addressed } from "../transport/addressed.ts";
import { type StatsMessage, decodeStats } from "./message.ts";
import { NodeMirror } from "./mirror.ts";

/** A node that does not tell all of it when asked is asked again. */
const ASK_AGAIN_MS = 1_000;
/** More are not followed, but in place of some that have never answered: something is wrong. */
const MOST_NODES = 10_000;
const NOTHING = new Uint8Array(0);

/** A node that is followed. */
export interface Followed {
  readonly mirror: NodeMirror;
  /** By the follower's clock, in milliseconds. */
  readonly heardAt: number;
  /** Its process is gone, or NATS knows of none that could be asked for it. */
  readonly isOver: boolean;
  /** It has said that it stops: it does not come back. */
  readonly hasLeft: boolean;
}

interface Known extends Followed {
  heardAt: number;
  isOver: boolean;
  hasLeft: boolean;
  isProbed: boolean;
  askedAt: number;
}

export interface FollowerParts {
  readonly port: Port;
  /** Subject root of the mesh. */
  readonly root: string;
  /** Whether a node that is not known is to be followed. Default: all are. */
  readonly isWanted?: (node: string) => boolean;
  /** A node has told something: its mirror has changed. @param wasKnown its figures were known before */
  readonly onHeard: (node: Followed, heard: "news" | "whole", wasKnown: boolean) => void;
  /** Somebody has published there what is no figures. */
  readonly onGarbage?: (why: MeshError, subject: string) => void;
}

/**
 * Follows what all nodes of a mesh tell of their figures.
 *
 * ME5: a node that it does not know, or of which a message is missing, is asked for all of its figures, once a second until
 *      it has told them.
 */
export class StatsFollower {
  private readonly parts: FollowerParts;
  private readonly subjects: ReturnType<typeof subjectsUnder>;
  private readonly nodes = new Map<string, Known>();
  /** Each ends one. */
  private readonly probes = new Set<() => void>();
  private heard: PortSubscription | undefined;
  private address: ReplyAddress | undefined;

  constructor(parts: FollowerParts) {
    this.parts = parts;
    this.subjects = subjectsUnder(parts.root);
  }

  /** Resolves when nothing that is told is missed. @throws MeshError `forbidden` when NATS does not let this user listen */
  async start(): Promise<void> {
    const { port } = this.parts;
    const subject = this.subjects.stats("*");
    this.heard = port.subscribe(
      subject,
      addressed(subject, (message) => this.onMessage(message, subject.length - 1)),
    );
    this.address = port.open((message) => {
      if (!message.noResponders) this.onMessage(message);
    });
    await port.flush();
    const { refusal } = this.heard;
    if (refusal !== undefined) {
      this.stop();
      throw new MeshError(
        "forbidden",
        `NATS does not let this user hear the figures of nodes: ${refusal}. It needs to subscribe to \`${subject}\`.`,
      );
    }
    // ME5
    this.ask(undefined);
  }

  stop(): void {
    this.heard?.unsubscribe();
    for (const close of this.probes) close();
    this.address?.close();
  }

  /** Nodes whose figures are known. */
  get known(): Followed[] {
    return [...this.nodes.values()].filter(({ mirror }) => mirror.isKnown);
  }

  /** When it tells something again, it is as new. */
  forget(node: string): void {
    this.nodes.delete(node);
  }

  /**
   * Asks a node that says nothing for all that there is. When NATS knows of nobody who could answer, it is over: its process
   * is gone.
   */
  probe(node: string): void {
    const { port } = this.parts;
    const followed = this.nodes.get(node);
    if (!followed || followed.isProbed || !port.isConnected) return;
    followed.isProbed = true;
    const address = port.open((message) => {
      close();
      if (message.noResponders) followed.isOver = true;
      else this.onMessage(message);
    });
    const stopTimer = port.clock.after(ASK_AGAIN_MS, () => close());
    const close = (): void => {
      stopTimer();
      address.close();
      this.probes.delete(close);
      followed.isProbed = false;
    };
    this.probes.add(close);
    port.publish(this.subjects.figures(node), NOTHING, { reply: address.subject });
  }

  /** @param nameAt where the subject names the node, which must be the one that the message is of */
  private onMessage({ subject, payload }: PortMessage, nameAt?: number): void {
    let message: StatsMessage;
    try {
      message = decodeStats(payload);
      if (nameAt !== undefined && subject.slice(nameAt) !== message.node)
        throw new MeshError("bad_request", `${message.node} is not who may publish there.`);
    } catch (error) {
      if (error instanceof MeshError) return this.parts.onGarbage?.(error, subject);
      throw error;
    }
    this.take(message);
  }

  private take(message: StatsMessage): void {
    const { node } = message;
    const followed = this.nodes.get(node) ?? this.follow(message);
    if (!followed) return;
    const now = this.parts.port.clock.now();
    const wasKnown = followed.mirror.isKnown;
    const heard = followed.mirror.take(message);
    // One that comes late, or again, is no sign of life.
    if (heard !== "nothing" || message.part) {
      followed.heardAt = now;
      followed.hasLeft = message.isLast ?? false;
      followed.isOver = followed.hasLeft;
    }
    if (heard === "news" || heard === "whole") this.parts.onHeard(followed, heard, wasKnown);
    // ME5
    if (heard !== "gap" || now - followed.askedAt < ASK_AGAIN_MS) return;
    followed.askedAt = now;
    this.ask(node);
  }

  private follow(message: StatsMessage): Known | undefined {
    const { node } = message;
    if (this.parts.isWanted?.(node) === false) return undefined;
    if (this.nodes.size >= MOST_NODES) {
      const spare = [...this.nodes.values()].find(({ mirror }) => !mirror.isKnown);
      if (!spare) return undefined;
      this.nodes.delete(spare.mirror.node);
    }
    const followed = {
      mirror: new NodeMirror(message),
      heardAt: 0,
      isOver: false,
      hasLeft: false,
      isProbed: false,
      askedAt: -Infinity,
    };
    this.nodes.set(node, followed);
    return followed;
  }

  /** @param node undefined for all */
  private ask(node: string | undefined): void {
    const { port } = this.parts;
    if (!port.isConnected || !this.address) return;
    port.publish(this.subjects.figures(node), NOTHING, { reply: this.address.subject });
  }
}
