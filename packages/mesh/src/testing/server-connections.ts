import { get } from "node:http";
import { json } from "node:stream/consumers";

/** A connection, as the server sees it. */
export interface ServerConnection {
  /** Unique, and higher than those of all connections before it. */
  readonly id: number;
  /** As its client calls itself; empty when it does not. */
  readonly name: string;
  readonly subjects: readonly string[];
}

interface Connz {
  connections: { cid: number; name?: string; subscriptions_list?: string[] }[];
}

/** Asks a nats-server's monitor, on loopback. @throws Error when it does not answer */
export async function connectionsAt(port: number): Promise<ServerConnection[]> {
  const { connections } = await connz(port);
  return connections.map(({ cid, name = "", subscriptions_list: subjects = [] }) => ({
    id: cid,
    name,
    subjects,
  }));
}

function connz(port: number): Promise<Connz> {
  return new Promise((resolve, reject) => {
    // Without an agent nothing stays open.
    const options = { host: "127.0.0.1", port, path: "/connz?subs=1&limit=10000", agent: false };
    get(options, (response) => {
      json(response).then((told) => resolve(told as Connz), reject);
    }).on("error", reject);
  });
}
