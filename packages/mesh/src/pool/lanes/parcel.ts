import type { Parcel } from "../../actor/inbound.ts";
import { isFrame } from "../../protocol/frame.ts";
import type { Message } from "../../transport/transport.ts";

/** A request that another replica has given, with the milliseconds that it has waited in the pool. */
export interface Arrival {
  readonly message: Message;
  readonly method: string | undefined;
  readonly waitedMs: number;
  readonly id: string | undefined;
  readonly moves: number;
  /** Its caller has been told that it is here. */
  readonly isKnown: boolean;
  /** It has been promised a place here. */
  readonly isOwed: boolean;
}

/** What a `give` carries. */
export function packed(parcel: Parcel, waitedMs: number): object {
  return { ...parcel, waitedMs };
}

/** Undefined for what makes no sense. @param isOwed it was claimed */
export function unpacked(body: unknown, isOwed: boolean): Arrival | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { method, reply, payload, headers, id, moves, waitedMs, isKnown } = body as Record<string, unknown>;
  if (typeof reply !== "string" || !(payload instanceof Uint8Array)) return undefined;
  const message = messageOf(reply, payload, isHeaders(headers) ? headers : undefined);
  return {
    message,
    method: typeof method === "string" ? method : undefined,
    waitedMs: typeof waitedMs === "number" && waitedMs > 0 ? waitedMs : 0,
    id: typeof id === "string" && !isFrame(payload) ? id : undefined,
    moves: typeof moves === "number" ? moves : 1,
    isKnown: isKnown === true,
    isOwed,
  };
}

/** As the request first came. */
function messageOf(
  reply: string,
  payload: Uint8Array,
  headers: Readonly<Record<string, string>> | undefined,
): Message {
  return {
    subject: "",
    reply,
    payload,
    noResponders: false,
    hasHeaders: headers !== undefined,
    header: (name) => headers?.[name],
  };
}

function isHeaders(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((each) => typeof each === "string")
  );
}
