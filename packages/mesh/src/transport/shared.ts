import { type OnWait, connectNats } from "./nats.ts";
import type { NatsOptions } from "./nats-options.ts";
import type { Transport } from "./transport.ts";

/** One user's hold on a connection; the last one to let go closes it. */
export interface Lease {
  readonly transport: Transport;
  release(): Promise<void>;
}

interface Shared {
  transport: Promise<Transport>;
  /** Of those that wait for the first connect. */
  readonly onWait: Set<OnWait>;
  users: number;
}

const connections = new Map<string, Shared>();

/**
 * One connection for a process: callers with the same options share it.
 * @throws MeshError as `connectNats` does
 */
export async function leaseNats(options: NatsOptions, onWait: OnWait = () => {}): Promise<Lease> {
  const key = keyOf(options);
  if (key === undefined) return leaseOf(await connectNats(options, onWait));
  const shared = connections.get(key) ?? open(key, options);
  shared.users++;
  shared.onWait.add(onWait);
  const transport = await shared.transport;
  return leaseOf(transport, () => {
    shared.users--;
    if (shared.users > 0) return false;
    forget(key, shared);
    return true;
  });
}

/** A lease on a transport that nobody else uses. */
export function leaseOf(transport: Transport, isLast: () => boolean = () => true): Lease {
  const release = async (): Promise<void> => {
    if (isLast()) await transport.close();
    else if (transport.status === "connected") await transport.flush().catch(() => {});
  };
  let released: Promise<void> | undefined;
  return { transport, release: () => (released ??= release()) };
}

function open(key: string, options: NatsOptions): Shared {
  const waiting = new Set<OnWait>();
  const transport = connectNats(options, (failure) => {
    for (const onWait of waiting) onWait(failure);
  });
  const shared: Shared = { transport, users: 0, onWait: waiting };
  connections.set(key, shared);
  shared.transport.then(
    (transport) => transport.onStatus(({ type }) => type === "closed" && forget(key, shared)),
    () => forget(key, shared),
  );
  return shared;
}

/** Whoever comes next opens a new one. */
function forget(key: string, shared: Shared): void {
  if (connections.get(key) === shared) connections.delete(key);
}

/** Undefined for options that cannot be compared, such as an authenticator. */
function keyOf(options: NatsOptions): string | undefined {
  let comparable = true;
  const entries = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  const key = JSON.stringify([entries, process.env["NATS_URL"]], (_key, value: unknown) => {
    if (!isPlain(value)) comparable = false;
    return comparable ? value : undefined;
  });
  return comparable ? key : undefined;
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "function";
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
