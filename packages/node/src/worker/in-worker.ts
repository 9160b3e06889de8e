import { type Agent, type Behaviour, type Context, type MethodContracts, MeshError } from "@shoal/mesh";
import { Thread } from "./host/thread.ts";

/** Where a thread finds an agent, and what it may take. */
export interface WorkerOptions {
  /** The agent's module, as `import` takes it: a `file:` URL, or a package that `@shoal/node` sees. */
  readonly module: string | URL;
  /** The agent's export. Default: the one whose contract has the agent's name. */
  readonly export?: string | undefined;
  /** Megabytes of heap that a thread may use before it ends. Default: what Node allows. */
  readonly memoryMb?: number | undefined;
  /** Milliseconds that a handler may compute on when its request has ended. Default 5,000. */
  readonly graceMs?: number | undefined;
}

const GRACE_MS = 5_000;

/**
 * The same agent with its handlers, its state and its hooks in a thread: one for each replica. What its handlers take
 * and give is checked on the main thread and copied by structured clone.
 *
 *     mesh.serve(inWorker(hasher, { module: import.meta.resolve("./hasher.ts") }));
 *
 * @throws MeshError `bad_request` for an agent that only passes requests on, such as a supervisor
 */
export function inWorker<M extends MethodContracts>(agent: Agent<M>, options: WorkerOptions): Agent<M> {
  const { contract, relays, inspect } = agent;
  const { name, methods } = contract;
  if (relays) {
    throw new MeshError(
      "bad_request",
      `agent "${name}" passes requests on and computes nothing: it needs no worker.`,
    );
  }
  const { module, export: exported, memoryMb, graceMs = GRACE_MS } = options;
  const found = { module: String(module), export: exported, name };
  // Each life of the actor has a thread of its own.
  const lifecycle: Behaviour<Thread | undefined> = {
    state: () => undefined,
    onStart(ctx) {
      ctx.state = new Thread(found, ctx, { memoryMb, graceMs });
      return ctx.state.ready;
    },
    onStop: ({ state: thread }) => thread?.stop(),
    ...(inspect ? { inspect: (thread) => thread?.shown ?? {} } : {}),
  };
  const handlers = Object.entries(methods).map(([method, { chunk }]) => [
    method,
    relay(method, chunk !== undefined),
  ]);
  return {
    ...agent,
    ...(lifecycle as unknown as Behaviour<never>),
    handlers: Object.fromEntries(handlers) as Agent["handlers"],
  };
}

type Relay = (input: unknown, ctx: Context<Thread>) => unknown;

/** Has the replica's thread run a method. */
function relay(method: string, isStream: boolean): Relay {
  return isStream
    ? (input, ctx) => ctx.state.chunks(method, input, ctx)
    : (input, ctx) => ctx.state.value(method, input, ctx);
}
