import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Message, Subscription, Transport } from "../transport/transport.ts";
import type { NodeFigures } from "./figures.ts";
import { Told } from "./told.ts";

/** With nothing new, one interval in so many says that the node lives. */
const BEAT_EVERY = 5;
/** All figures are put together no more often, however many ask. */
const LEAST_WHOLE_MS = 100;
/** What is served together is told together, and soon. */
const FIRST_MS = 200;
const MOST_ASKERS = 32;

export interface PublisherParts {
  readonly node: string;
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly log: Logger;
  readonly figures: () => NodeFigures;
  readonly intervalMs: number;
  readonly random?: () => number;
}

/**
 * Tells the figures of a node to whoever listens, and all of them to whoever asks.
 *
 * ME4: with nothing new it says so once, so that the loss of its last word is noticed, and from then on in one of five
 *      intervals; while the connection is down it tells nothing, and then all that has come together.
 */
export class StatsPublisher {
  private readonly parts: PublisherParts;
  private readonly told: Told;
  private readonly subject: string;
  private readonly askers = new Set<string>();
  private asked: Subscription[] = [];
  /** Intervals since there was something new. */
  private quiet = 0;
  private stopTimer: (() => void) | undefined;
  private stopAnswering: (() => void) | undefined;
  private stopStatus: (() => void) | undefined;
  private answeredAt = -Infinity;
  private state: "new" | "telling" | "over" = "new";

  constructor(parts: PublisherParts) {
    const { node, subjects, intervalMs } = parts;
    this.parts = parts;
    this.told = new Told(node, intervalMs);
    this.subject = subjects.stats(node);
  }

  /** Tells from now on. Idempotent. */
  start(): void {
    if (this.state !== "new") return;
    this.state = "telling";
    const { node, transport, subjects, intervalMs, random = Math.random } = this.parts;
    // Not all nodes of a mesh answer at once.
    const someTimeMs = (): number => (random() * intervalMs) / 2;
    this.asked = [
      transport.subscribe(subjects.figures(node), (message) => this.onAsked(message, 0)),
      transport.subscribe(subjects.figures(), (message) => this.onAsked(message, someTimeMs())),
    ];
    this.stopStatus = transport.onStatus(({ type, detail }) => {
      if (type === "error" && detail.includes(this.subject)) this.refused(detail);
    });
    this.wait(Math.min(intervalMs, FIRST_MS));
  }

  /** Tells what is new, and that it was the last. Idempotent. */
  stop(): void {
    if (this.state === "telling") this.tell(true);
    this.end();
  }

  private wait(ms: number): void {
    this.stopTimer = this.parts.clock.after(ms, () => {
      this.wait(this.parts.intervalMs);
      this.tell(false);
    });
  }

  private tell(isLast: boolean): void {
    const { transport, figures, log } = this.parts;
    // ME4
    if (transport.status !== "connected") return;
    this.quiet++;
    try {
      const isDue = this.quiet === 1 || this.quiet % BEAT_EVERY === 0 || isLast;
      const { messages, isNew } = this.told.news(figures(), transport.maxPayload, { isDue, isLast });
      for (const message of messages) transport.publish(this.subject, message);
      if (isNew) this.quiet = 0;
    } catch (error) {
      // Whoever listens notices that one is missing.
      log.debug({ reason: messageOf(error) }, "the figures of this node were not told");
    }
  }

  private onAsked({ reply }: Message, inMs: number): void {
    if (!reply || this.askers.size >= MOST_ASKERS) return;
    this.askers.add(reply);
    const { clock } = this.parts;
    const soonestMs = this.answeredAt + LEAST_WHOLE_MS - clock.now();
    this.stopAnswering ??= clock.after(Math.max(inMs, soonestMs, 0), () => this.answer());
  }

  private answer(): void {
    const { transport, clock, log } = this.parts;
    this.stopAnswering = undefined;
    this.answeredAt = clock.now();
    const askers = [...this.askers];
    this.askers.clear();
    if (transport.status !== "connected") return;
    try {
      const whole = this.told.whole(transport.maxPayload);
      for (const asker of askers) for (const part of whole) transport.publish(asker, part);
    } catch (error) {
      log.debug({ reason: messageOf(error) }, "somebody who asked for the figures of this node got none");
    }
  }

  private refused(why: string): void {
    this.parts.log.warn(
      { reason: why },
      "this node tells no figures: NATS does not let this user publish them",
    );
    this.end();
  }

  private end(): void {
    this.state = "over";
    this.stopTimer?.();
    this.stopAnswering?.();
    this.stopStatus?.();
    for (const each of this.asked) each.unsubscribe();
    this.asked = [];
  }
}
