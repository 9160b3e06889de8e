import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";

/** What nats-server counts, by its monitoring port (`/varz`). */
export interface ServerCounts {
  /** Messages from clients since it started. */
  readonly messagesIn: number;
  readonly subscriptions: number;
  readonly connections: number;
}

/** Reads the counts of the server whose monitoring listens on that port of loopback. */
export async function readCounts(port: number): Promise<ServerCounts> {
  const response = await fetch(`http://127.0.0.1:${port}/varz`);
  const { in_msgs, subscriptions, connections } = (await response.json()) as Record<string, number>;
  return { messagesIn: in_msgs ?? NaN, subscriptions: subscriptions ?? NaN, connections: connections ?? NaN };
}

/** Entries that the server keeps of what other servers of its cluster have asked for (`/routez`). */
export async function readRouted(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/routez`);
  const { routes } = (await response.json()) as { routes: readonly { subscriptions: number }[] };
  return routes.reduce((sum, { subscriptions }) => sum + subscriptions, 0);
}

/** A port of loopback that nobody has now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
