import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

/** `up` is towards the server. */
export type Direction = "up" | "down";

export interface Fault {
  /** How long each byte is on its way. */
  latencyMs: number;
  bytesPerS: number;
  /** Bytes are taken and go nowhere, and nobody is told: half of a connection is gone. */
  swallows: boolean;
}

const NONE: Fault = { latencyMs: 0, bytesPerS: Infinity, swallows: false };
/** What waits here before the sender is made to wait. */
const HIGH_WATER_BYTES = 65_536;
/** A limited flow goes in portions of this long. */
const PORTION_MS = 20;

/**
 * A network that can be made bad, between a NATS server and whoever connects to it:
 *
 *     const proxy = await FaultProxy.to(server.port);
 *     proxy.stall("down"); // half-open: nothing comes back
 */
export class FaultProxy {
  readonly port: number;
  private readonly server: Server;
  private readonly faults: Record<Direction, Fault> = { up: { ...NONE }, down: { ...NONE } };
  private readonly pairs = new Set<Pair>();
  private isRefusing = false;

  private constructor(server: Server, target: number) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket) => this.accept(socket, target));
  }

  static async to(target: number): Promise<FaultProxy> {
    const server = createServer({ noDelay: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FaultProxy(server, target);
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** From now on; what is not named stays as it is. */
  set(fault: Partial<Fault>, direction?: Direction): void {
    for (const each of direction ? [direction] : (["up", "down"] as const))
      Object.assign(this.faults[each], fault);
  }

  /** From now on bytes go nowhere, and nobody is told: both ends wait. */
  stall(direction?: Direction): void {
    this.set({ swallows: true }, direction);
  }

  /** Resets every connection. */
  cut(): void {
    for (const pair of this.pairs) pair.reset();
  }

  /** Resets every connection, and each that comes, until it is healed. */
  refuse(): void {
    this.isRefusing = true;
    this.cut();
  }

  /** No fault from now on. Connections of which bytes were swallowed are reset: nothing could mend those. */
  heal(): void {
    this.isRefusing = false;
    this.set(NONE);
    for (const pair of this.pairs) if (pair.hasSwallowed) pair.reset();
  }

  close(): void {
    this.server.close();
    this.cut();
  }

  private accept(client: Socket, target: number): void {
    if (this.isRefusing) return void client.resetAndDestroy();
    const server = connect({ port: target, host: "127.0.0.1", noDelay: true });
    const pair = new Pair(client, server, () => this.pairs.delete(pair));
    this.pairs.add(pair);
    pair.carry(client, server, this.faults.up);
    pair.carry(server, client, this.faults.down);
  }
}

/** A connection from a client and the one to the server that goes with it. */
class Pair {
  private readonly server: Socket;
  hasSwallowed = false;
  private readonly client: Socket;
  private readonly onClose: () => void;

  constructor(client: Socket, server: Socket, onClose: () => void) {
    this.client = client;
    this.server = server;
    this.onClose = onClose;
    for (const socket of [client, server])
      socket.on("error", () => this.reset()).on("close", () => this.reset());
  }

  reset(): void {
    for (const socket of [this.client, this.server]) {
      // One that is being shut down cannot be reset: Node would keep its handle, and spin at the end of the process.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
    this.onClose();
  }

  /** Takes what comes, at once while there is room, and passes it on in its time. */
  carry(from: Socket, to: Socket, fault: Fault): void {
    let waiting = 0;
    let last: Promise<void> = Promise.resolve();
    from.on("data", (bytes: Buffer) => {
      if (fault.swallows) {
        this.hasSwallowed = true;
        return;
      }
      waiting += bytes.length;
      if (waiting > HIGH_WATER_BYTES) from.pause();
      const dueAt = performance.now() + fault.latencyMs;
      last = last.then(async () => {
        await until(dueAt);
        await pass(bytes, to, fault);
        waiting -= bytes.length;
        if (waiting <= HIGH_WATER_BYTES) from.resume();
      });
    });
    from.on("end", () => void last.then(() => to.end()));
  }
}

async function pass(bytes: Buffer, to: Socket, fault: Readonly<Fault>): Promise<void> {
  for (let at = 0; at < bytes.length && !to.destroyed;) {
    const { bytesPerS } = fault;
    const portion = bytesPerS < Infinity ? Math.ceil((bytesPerS * PORTION_MS) / 1_000) : bytes.length;
    const startedAt = performance.now();
    await new Promise<void>((resolve) => to.write(bytes.subarray(at, at + portion), () => resolve()));
    if (bytesPerS < Infinity) await until(startedAt + PORTION_MS);
    at += portion;
  }
}

async function until(at: number): Promise<void> {
  const ms = at - performance.now();
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
