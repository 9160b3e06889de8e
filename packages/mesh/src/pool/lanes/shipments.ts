import type { Clock } from "../../clock.ts";
import { Frame, isFrame, patchMoves } from "../../protocol/frame.ts";
import type { Message } from "../../transport/transport.ts";
import type { Desk } from "../../transport/desk.ts";
import { type Arrival, unpacked } from "./parcel.ts";

/** NATS says at once when nobody is there; a cluster takes a little longer. */
const KEPT_MS = 1_000;

interface Shipment {
  readonly subject: string;
  readonly sentAt: number;
}

/** Requests on their way to other replicas: one whose receiver is not there any more comes back. */
export class Shipments {
  private readonly desk: Desk;
  private readonly clock: Clock;
  private readonly onReturned: (arrival: Arrival) => void;
  /** The oldest first. */
  private underWay: Shipment[] = [];

  constructor(desk: Desk, clock: Clock, onReturned: (arrival: Arrival) => void) {
    this.desk = desk;
    this.clock = clock;
    this.onReturned = onReturned;
  }

  /** @param body as it is sent @returns the reply subject to send it with */
  send(body: object): string {
    const now = this.clock.now();
    const arrived = this.underWay.findIndex(({ sentAt }) => now - sentAt < KEPT_MS);
    for (const { subject } of this.underWay.splice(0, arrived < 0 ? Infinity : arrived))
      this.desk.close(subject);
    const subject = this.desk.open(({ noResponders }: Message) => {
      this.desk.close(subject);
      const arrival = noResponders ? unpacked(body, true) : undefined;
      if (arrival) this.onReturned(returned(arrival));
    });
    this.underWay.push({ subject, sentAt: now });
    return subject;
  }
}

/** It has been moved once more, and its caller may believe that it is elsewhere. */
function returned(arrival: Arrival): Arrival {
  const { payload } = arrival.message;
  if (isFrame(payload)) patchMoves(payload, new Frame(payload).moves + 1);
  return { ...arrival, moves: arrival.moves + 1, isKnown: false };
}
