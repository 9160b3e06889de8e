import type { Subjects } from "../../protocol/subjects.ts";
import { addressed } from "../../transport/addressed.ts";
import type { Message, Subscription, Transport } from "../../transport/transport.ts";
import type { LaneName } from "./lane.ts";

/** The lanes, and where those are asked that stay when a replica leaves. */
export type Seat = LaneName | "last";

/** Queue group of each: the subject tells them apart. */
const LANE_GROUP = "lane";

/** Where one replica listens to the others of its pool. */
export class Seats {
  private readonly agent: string;
  private readonly transport: Transport;
  private readonly subjects: Subjects;
  private readonly onCall: (seat: Seat, message: Message) => void;
  private readonly taken: Partial<Record<Seat, Subscription>> = {};

  constructor(
    agent: string,
    transport: Transport,
    subjects: Subjects,
    onCall: (seat: Seat, message: Message) => void,
  ) {
    this.agent = agent;
    this.transport = transport;
    this.subjects = subjects;
    this.onCall = onCall;
  }

  join(seat: Seat): void {
    const subject = this.subjects[seat](this.agent);
    const onMessage = addressed(subject, (message: Message) => this.onCall(seat, message));
    this.taken[seat] = this.transport.subscribe(subject, onMessage, { queue: LANE_GROUP });
  }

  leave(seat: Seat): void {
    const subscription = this.taken[seat];
    delete this.taken[seat];
    // What is on its way here is answered still. One that is left while the connection is down would be made again.
    if (this.transport.status === "connected") void subscription?.drain();
    else subscription?.unsubscribe();
  }

  leaveAll(): void {
    for (const seat of Object.keys(this.taken)) this.leave(seat as Seat);
  }
}
