import { residentBytes } from "../../bench/src/memory.ts";
import { freePort } from "../../bench/src/scale/server-monitor.ts";
import { type NatsServer, startNatsServer } from "../../packages/mesh/src/testing/nats-server.ts";

/** What the server has at a moment. */
export interface ServerVitals {
  readonly rss: number;
  readonly connections: number;
  readonly subscriptions: number;
  readonly streams: number;
  readonly consumers: number;
  /** Messages that JetStream keeps, and their bytes. */
  readonly messages: number;
  readonly stored: number;
  /** Subscriptions of each connection, by its name. */
  readonly byName: Readonly<Record<string, number>>;
}

interface Connz {
  connections: { name?: string; subscriptions: number }[];
}

/** A NATS server with JetStream that can be killed, started again, and looked into. */
export class MonitoredServer implements AsyncDisposable {
  readonly nats: NatsServer;
  private readonly port: number;

  private constructor(nats: NatsServer, port: number) {
    this.nats = nats;
    this.port = port;
  }

  static async start(): Promise<MonitoredServer> {
    const port = await freePort();
    // A port of its own, so that it is the same after a restart.
    const config = `http: "127.0.0.1:${port}"`;
    return new MonitoredServer(await startNatsServer({ jetstream: true, config }), port);
  }

  /** Undefined while the server does not answer. */
  async vitals(): Promise<ServerVitals | undefined> {
    try {
      const [{ connections }, { subscriptions }, store] = await Promise.all([
        this.ask<Connz>("connz?limit=10000"),
        this.ask<{ subscriptions: number }>("varz"),
        this.ask<Record<"streams" | "consumers" | "messages" | "bytes", number>>("jsz"),
      ]);
      const byName: Record<string, number> = {};
      for (const { name = "", subscriptions: own } of connections) byName[name] = (byName[name] ?? 0) + own;
      return {
        rss: residentBytes(this.nats.pid),
        connections: connections.length,
        subscriptions,
        streams: store.streams,
        consumers: store.consumers,
        messages: store.messages,
        stored: store.bytes,
        byName,
      };
    } catch {
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.nats.stop();
  }

  private async ask<T>(page: string): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.port}/${page}`);
    return (await response.json()) as T;
  }
}
