import type { Agent } from "../contract/agent.ts";
import type { Batch, Items } from "../batch/options.ts";
import type {
  AgentHandle,
  CallBatchOptions,
  CallOptions,
  Caller,
  MeshStream,
  StreamOptions,
  UnaryMethod,
} from "../contract/caller.ts";
import { type Contract, type MethodContracts, defaultTimeoutMs } from "../contract/contract.ts";
import { parseTarget } from "../protocol/names.ts";
import { MeshError } from "../errors.ts";
import { callBatch } from "./call-batch.ts";
import type { Callee } from "./callee.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Inherited } from "./inherited.ts";

const UNARY_TIMEOUT_MS = 30_000;
const STREAM_TIMEOUT_MS = 600_000;

/** What the methods of handles are called. */
const NAMES = new WeakMap<object, string>();

/** @throws MeshError `bad_request` for what is no method of a handle */
export function nameOf(method: object): string {
  const name = NAMES.get(method);
  if (name !== undefined) return name;
  throw new MeshError(
    "bad_request",
    "this is no method of an agent: use `mesh.agent(contract).method`, or a name.",
  );
}

/** Calls by contract and by name: for an app, and for a handler whose calls inherit from the request it serves. */
export class MeshCaller implements Caller {
  protected readonly dispatcher: Dispatcher;
  private readonly inherited: (() => Inherited) | undefined;

  constructor(dispatcher: Dispatcher, inherited?: () => Inherited) {
    this.dispatcher = dispatcher;
    this.inherited = inherited;
  }

  agent<M extends MethodContracts>(agent: Contract<M> | Agent<M>): AgentHandle<M> {
    const contract: Contract<M> = "contract" in agent ? agent.contract : agent;
    const handle: Record<string, (input: unknown, options?: StreamOptions) => unknown> = {};
    for (const [name, method] of Object.entries(contract.methods)) {
      const callee: Callee = {
        agent: contract.name,
        method: name,
        timeoutMs: defaultTimeoutMs(method),
        isIdempotent: method.idempotent || method.resumable,
        isResumable: method.resumable,
        // Called with what the method takes, or fails.
        sessionOf: contract.session as Callee["sessionOf"],
      };
      handle[name] = method.chunk
        ? (input, options) => this.dispatcher.open(() => callee, input, options, this.inherited?.())
        : (input, options) => this.dispatcher.call(callee, input, options, this.inherited?.());
    }
    for (const [name, method] of Object.entries(handle)) NAMES.set(method, `${contract.name}.${name}`);
    return handle as AgentHandle<M>;
  }

  async call(target: string, input?: unknown, options?: CallOptions): Promise<unknown> {
    const callee: Callee = { ...parseTarget(target), timeoutMs: UNARY_TIMEOUT_MS };
    return this.dispatcher.call(callee, input, options, this.inherited?.());
  }

  batch<I, O>(
    target: string | UnaryMethod<I, O>,
    items: Items<I>,
    options?: CallBatchOptions<I>,
  ): Batch<I, O, MeshError> {
    const { clock } = this.dispatcher;
    return callBatch(this, target, items, options, { clock, signal: this.inherited?.().signal });
  }

  stream(target: string, input?: unknown, options?: StreamOptions): MeshStream<unknown> {
    const callee = (): Callee => ({ ...parseTarget(target), timeoutMs: STREAM_TIMEOUT_MS });
    return this.dispatcher.open(callee, input, options, this.inherited?.());
  }
}
