import { createServer, connect as dial, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";

/** Bytes that went through, as they are on the wire: payloads, subjects, headers and the protocol's own words. */
export interface Traffic {
  /** To the server. */
  readonly up: number;
  readonly down: number;
}

/** A door to a NATS server that counts what passes. */
export class CountingProxy implements AsyncDisposable {
  readonly url: string;
  private readonly door: ReturnType<typeof createServer>;
  private readonly sockets: ReadonlySet<Socket>;
  private readonly counts: { up: number; down: number };

  private constructor(
    door: ReturnType<typeof createServer>,
    sockets: Set<Socket>,
    counts: { up: number; down: number },
  ) {
    this.door = door;
    this.sockets = sockets;
    this.counts = counts;
    this.url = `nats://127.0.0.1:${(door.address() as AddressInfo).port}`;
  }

  static async before(serverUrl: string): Promise<CountingProxy> {
    const { hostname, port } = new URL(serverUrl);
    const sockets = new Set<Socket>();
    const counts = { up: 0, down: 0 };
    const door = createServer((client) => {
      const server = dial(Number(port), hostname);
      for (const socket of [client, server]) {
        sockets.add(socket);
        socket.setNoDelay(true);
        // Whichever side ends takes the other along; what it was is told to both ends by NATS itself.
        socket.on("error", () => socket.destroy());
        socket.on("close", () => {
          sockets.delete(socket);
          (socket === client ? server : client).destroy();
        });
      }
      client.on("data", ({ length }) => (counts.up += length)).pipe(server);
      server.on("data", ({ length }) => (counts.down += length)).pipe(client);
    }).listen(0, "127.0.0.1");
    await once(door, "listening");
    return new CountingProxy(door, sockets, counts);
  }

  get traffic(): Traffic {
    return { ...this.counts };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.door.close();
    await once(this.door, "close");
  }
}
