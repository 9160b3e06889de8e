import { type WorkerProcess, startWorker } from "../../bench/src/process.ts";
import { FakeProvider } from "../../packages/agents/test/support/fake-provider.ts";
import { FaultProxy } from "../../packages/mesh/src/testing/fault-proxy.ts";
import type { ClientCommands } from "./client-worker.ts";
import { ANSWER_PIECES } from "./mixed-load.ts";
import { MonitoredServer } from "./monitor.ts";
import type { NodeCommands } from "./node-worker.ts";
import type { Remains, Vitals } from "./vitals.ts";

const GC = { nodeFlags: ["--expose-gc", "--disable-warning=ExperimentalWarning"] };
const STEADY = "steady";
const VICTIMS = 2;
const CLIENTS = 2;

/** A node, by the name that it has in the tables. */
export interface SoakNode {
  readonly name: string;
  readonly process: WorkerProcess<NodeCommands>;
  /** Its name in the mesh. */
  readonly node: string;
}

export interface SoakClient {
  readonly name: string;
  readonly process: WorkerProcess<ClientCommands>;
}

type WatchedCommands = Pick<NodeCommands, "vitals" | "remains">;

/** A process that lives as long as its town. */
export interface Survivor {
  readonly name: string;
  vitals(): Promise<Vitals>;
  remains(): Promise<Remains>;
}

/**
 * All processes of a soak: a NATS server, a node that nothing is done to, nodes and clients behind a network that can be made
 * bad, and a server that speaks as a language model's does.
 */
export class Town implements AsyncDisposable {
  readonly server: MonitoredServer;
  readonly proxy: FaultProxy;
  readonly model: FakeProvider;
  /** The first has a good network, and is left alone: there is always a replica while there is a server. */
  readonly nodes: SoakNode[] = [];
  readonly clients: SoakClient[] = [];

  private constructor(server: MonitoredServer, proxy: FaultProxy, model: FakeProvider) {
    this.server = server;
    this.proxy = proxy;
    this.model = model;
  }

  static async build(seed: number): Promise<Town> {
    const server = await MonitoredServer.start();
    const proxy = await FaultProxy.to(server.nats.port);
    const model = await FakeProvider.listen({ say: ANSWER_PIECES, everyMs: 5, tokens: [12, 4] });
    const town = new Town(server, proxy, model);
    // The streams are made by whoever comes first.
    town.nodes.push(await town.startNode(STEADY));
    const others = Array.from({ length: VICTIMS }, (_each, n) => town.startNode(`node-${n + 1}`));
    town.nodes.push(...(await Promise.all(others)));
    for (let n = 1; n <= CLIENTS; n++) town.clients.push(town.startClient(`client-${n}`, seed + n));
    return town;
  }

  async startNode(name: string): Promise<SoakNode> {
    const isSteady = name === STEADY;
    const url = isSteady ? this.server.nats.url : this.proxy.url;
    const process = startWorker<NodeCommands>(new URL("./node-worker.ts", import.meta.url), {
      args: [url, name, this.model.openai, ...(isSteady ? ["counts"] : [])],
      ...GC,
    });
    return { name, process, node: await process.ask("node") };
  }

  /** Those that no fault ends. */
  get survivors(): Survivor[] {
    const watched: { name: string; process: WorkerProcess<WatchedCommands> }[] = [
      ...this.nodes.slice(0, 1),
      ...this.clients,
    ];
    return watched.map(({ name, process }) => ({
      name,
      vitals: () => process.ask("vitals"),
      remains: () => process.ask("remains"),
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.clients, ...this.nodes].map(({ process }) => process[Symbol.asyncDispose]()));
    this.proxy.close();
    await this.model[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }

  private startClient(name: string, seed: number): SoakClient {
    const process = startWorker<ClientCommands>(new URL("./client-worker.ts", import.meta.url), {
      args: [this.proxy.url, name, String(seed)],
      ...GC,
    });
    return { name, process };
  }
}
