import { connectNats } from "./nats.ts";
import type { NatsOptions } from "./nats-options.ts";
import type { Transport } from "./transport.ts";

/** One user's hold on a connection; the last one to let go closes it. */
export interface Lease {
  readonly transport: Transport;
  release(): Promise<void>;
}

interface Shared {
  transport: Promise<Transport>;
  users: number;
}

const connections = new Map<string, Shared>();

/**
 * One connection for a process: callers with the same options share it.
 * @throws MeshError as `connectNats` does
 */
export async function leaseNats(options: NatsOptions): Promise<Lease> {
  const key = keyOf(options);
  if (key === undefined) return leaseOf(await connectNats(options));
  const shared = connections.get(key) ?? { transport: connectNats(options), users: 0 };
  connections.set(key, shared);
  shared.users++;
  const leave = (): boolean => {
    shared.users--;
    if (shared.users > 0) return false;
    if (connections.get(key) === shared) connections.delete(key);
    return true;
  };
  try {
    const transport = await shared.transport;
    transport.onStatus(({ type }) => {
      if (type === "closed" && connections.get(key) === shared) connections.delete(key);
    });
    return leaseOf(transport, leave);
  } catch (error) {
    leave();
    throw error;
  }
}

/** A lease on a transport that nobody else uses. */
export function leaseOf(transport: Transport, isLast: () => boolean = () => true): Lease {
  let released: Promise<void> | undefined;
  return {
    transport,
    release: () => (released ??= isLast() ? transport.close() : transport.flush().catch(() => {})),
  };
}

/** Undefined for options that cannot be compared, such as an authenticator. */
function keyOf(options: NatsOptions): string | undefined {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  if (entries.some(([, value]) => typeof value === "function" || hasFunction(value))) return undefined;
  return JSON.stringify(entries.sort(([a], [b]) => a.localeCompare(b)));
}

function hasFunction(value: unknown): boolean {
  return Array.isArray(value) && value.some((each) => typeof each === "function");
}
