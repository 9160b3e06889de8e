import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Hosting } from "../pool/hosting.ts";
import type { Replica } from "../pool/replica.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Transport } from "../transport/transport.ts";
import { Control } from "./control.ts";
import { drainOperation } from "./drain.ts";
import { inspectOperation } from "./inspect.ts";
import { Roll } from "./roll.ts";
import { StuckAlarm } from "./stuck-alarm.ts";
import type { StuckPolicy } from "./stuck-policy.ts";
import { traceOperation } from "./trace-operation.ts";
import type { Journal } from "../tracing/journal.ts";
import type { WallClock } from "../tracing/wall-clock.ts";

export interface OversightParts {
  readonly node: string;
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly log: Logger;
  readonly wall: WallClock;
  readonly journal: Journal;
  /** Undefined: it does not look for requests that are stuck. */
  readonly stuck: StuckPolicy | undefined;
  readonly onDrain: () => void;
}

/** What can be seen of a node, and done to it, from outside. */
export class Oversight {
  readonly control: Control;
  private readonly roll = new Roll();
  private readonly alarm: StuckAlarm | undefined;

  constructor(parts: OversightParts) {
    const { clock, stuck } = parts;
    const { roll } = this;
    this.alarm =
      stuck && new StuckAlarm({ clock, policy: stuck, actors: () => roll.all.map(({ actor }) => actor) });
    this.control = new Control(parts);
    this.control.answer(
      "inspect",
      inspectOperation({ ...parts, roll, isStuck: (job) => this.alarm?.has(job) ?? false }),
    );
    this.control.answer("drain", drainOperation({ ...parts, roll }));
    this.control.answer("trace", traceOperation({ ...parts, roll }));
  }

  /** A replica that has not started yet. */
  add(replica: Replica): Replica {
    this.roll.add(replica);
    return replica;
  }

  /** They have started, and what NATS lets this user do is known. */
  host(hostings: readonly Hosting[]): void {
    this.roll.host(hostings);
    this.control.tellRefusal();
  }

  /** A request has been here for a while. */
  readonly lingered = (): void => this.alarm?.arm();

  close(): void {
    this.control.close();
    this.alarm?.close();
  }
}
