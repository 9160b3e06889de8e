import type {
  AgentHandle,
  Agent,
  CallOptions,
  Caller,
  Contract,
  MeshStream,
  MethodContracts,
  Served,
  StreamMethod,
  StreamOptions,
  UnaryMethod,
} from "../../packages/mesh/src/index.ts";
import { type Ended, type Tally, failed } from "./tally.ts";

type Unary = UnaryMethod<unknown, unknown>;
type Stream = StreamMethod<unknown, unknown>;

/** Calls agents as a client does, and enters how each request ended. */
export class TalliedCaller implements Pick<Caller, "agent"> {
  private readonly caller: Caller;
  private readonly tally: Tally;

  constructor(caller: Caller, tally: Tally) {
    this.caller = caller;
    this.tally = tally;
  }

  agent<M extends MethodContracts>(agent: Contract<M> | Agent<M>): AgentHandle<M> {
    const { name, methods } = "contract" in agent ? agent.contract : agent;
    const handle = this.caller.agent(agent) as Record<string, unknown>;
    const tallied = Object.entries(methods).map(([method, { chunk }]) => {
      const target = `${name}.${method}`;
      const call = handle[method];
      const made = chunk
        ? (input: unknown, options: StreamOptions = {}) => this.stream(target, call as Stream, input, options)
        : (input: unknown, options: CallOptions = {}) => this.unary(target, call as Unary, input, options);
      return [method, made];
    });
    return Object.fromEntries(tallied) as AgentHandle<M>;
  }

  private async unary(target: string, call: Unary, input: unknown, options: CallOptions): Promise<unknown> {
    const watched = new Watched(target, options);
    try {
      const value = await call(input, watched.options);
      this.tally.enter(target, watched.ended("ok"));
      return value;
    } catch (error) {
      this.tally.enter(target, failed(error));
      throw error;
    }
  }

  private stream(target: string, open: Stream, input: unknown, options: StreamOptions): MeshStream<unknown> {
    const watched = new Watched(target, options);
    const chunks = this.chunks(target, open(input, watched.options), watched);
    return {
      [Symbol.asyncIterator]: () => chunks,
      async collect() {
        const all: unknown[] = [];
        for await (const chunk of chunks) all.push(chunk);
        return all;
      },
    };
  }

  private async *chunks(
    target: string,
    stream: MeshStream<unknown>,
    watched: Watched,
  ): AsyncGenerator<unknown, void> {
    // What is true when the loop is left by its reader.
    let ended = watched.ended("left");
    try {
      yield* stream;
      ended = watched.ended("ok");
    } catch (error) {
      ended = failed(error);
      throw error;
    } finally {
      this.tally.enter(target, ended);
    }
  }
}

/** One request, and who has answered it. */
class Watched {
  readonly options: CallOptions;
  private readonly target: string;
  private served: Served | undefined;

  constructor(target: string, options: CallOptions) {
    this.target = target;
    this.options = { ...options, onServed: (served) => void (this.served = served) };
  }

  ended(outcome: string): Ended {
    const { agent = "", replica, attempt = 1 } = this.served ?? {};
    // Behind a supervisor another agent's replica has done the work.
    return { outcome, attempt, replica: this.target.startsWith(`${agent}.`) ? replica : undefined };
  }
}
