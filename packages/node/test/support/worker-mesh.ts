import { type Agent, MemoryBroker, type Mesh, MeshError, connect, implement } from "@shoal/mesh";
import { RecordingLogger } from "@shoal/mesh/testing";
import { type WorkerOptions, inWorker } from "../../src/worker/in-worker.ts";
import { mirror } from "../fixtures/mirror.ts";
import { thinker } from "../fixtures/thinker.ts";

export const THINKER: string = new URL("../fixtures/thinker.ts", import.meta.url).href;

export interface Told {
  kind: string;
  agent: string;
  [field: string]: unknown;
}

/** A mesh in one process whose node serves `thinker` in a worker thread, and what it tells. */
export class WorkerMesh {
  readonly node: Mesh;
  readonly caller: Mesh;
  readonly log: RecordingLogger;
  readonly events: Told[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(node: Mesh, caller: Mesh, log: RecordingLogger, broker: MemoryBroker) {
    this.node = node;
    this.caller = caller;
    this.log = log;
    broker.connect().subscribe("mesh._.event.>", ({ payload }) => {
      this.events.push(JSON.parse(Buffer.from(payload).toString()) as Told);
      for (const look of this.waiting) look();
    });
  }

  static async start(
    options: Partial<WorkerOptions> = {},
    agents: readonly Agent[] = [],
  ): Promise<WorkerMesh> {
    const broker = new MemoryBroker();
    const log = new RecordingLogger();
    const node = await connect({ transport: broker.connect(), logger: log, node: "node" });
    const caller = await connect({ transport: broker.connect(), logger: log });
    const mesh = new WorkerMesh(node, caller, log, broker);
    for (const agent of agents) await node.serve(agent);
    await node.serve(inWorker(thinker, { module: THINKER, ...options }));
    return mesh;
  }

  call(method: string, input: unknown = {}, options: Parameters<Mesh["call"]>[2] = {}): Promise<unknown> {
    return this.caller.call(`thinker.${method}`, input, options);
  }

  /** How a call fails. @throws Error when it does not */
  async failure(call: Promise<unknown>): Promise<MeshError> {
    const value = await call.catch((error: unknown) => error);
    if (value instanceof MeshError) return value;
    throw new Error(`it was answered: ${JSON.stringify(value)}`);
  }

  /** The event of this kind that comes as `count`th. */
  event(kind: string, count = 1): Promise<Told> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.events.filter((event) => event.kind === kind)[count - 1];
        if (!found) return;
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.caller.close();
    await this.node.close();
  }
}

/** The other end of `thinker`'s calls, on the main thread. */
export const mirrorAgent: Agent = implement(mirror, {
  concurrency: 8,
  methods: {
    show: (_input, { request }) => ({
      chain: [...request.chain],
      remainingMs: request.remainingMs,
      traceId: request.trace.traceId,
    }),
    refuse() {
      throw new MeshError("conflict", "somebody was faster", { details: { by: "x" } });
    },
    riddle: (_input, ctx) => ctx.ask("What has keys?"),
    hold: (_input, { signal, emit }) =>
      new Promise((resolve) => {
        emit("holding");
        signal.addEventListener("abort", () => {
          emit("aborted", { code: (signal.reason as MeshError).code });
          resolve("held");
        });
      }),
    async *count(_input, { emit }) {
      let given = 0;
      try {
        for (;;) yield given++;
      } finally {
        emit("left", { given });
      }
    },
  },
});
