import type { Clock } from "./clock.ts";
import type { Port } from "./contract/port.ts";
import type { Desk } from "./transport/desk.ts";
import type { Transport } from "./transport/transport.ts";

/** The narrow part of a member's transport that others may use. */
export function memberPort(transport: Transport, desk: Desk, clock: Clock, leaving: AbortSignal): Port {
  return {
    get maxPayload() {
      return transport.maxPayload;
    },
    get isConnected() {
      return transport.status === "connected";
    },
    clock,
    leaving,
    publish: (subject, payload, options) => transport.publish(subject, payload, options),
    subscribe: (subject, onMessage, options) => transport.subscribe(subject, onMessage, options),
    open(onReply) {
      const subject = desk.open(onReply);
      return { subject, close: () => desk.close(subject) };
    },
    flush: () => transport.flush(),
  };
}
