import type { z } from "zod";
import type { Context, Emit } from "./context.ts";
import type { MeshView } from "./mesh-view.ts";
import type { CacheOptions } from "./cache-options.ts";
import { type RateLimit, checkRateLimit } from "./rate-limit.ts";
import { type OnFailure, checkOnFailure } from "./on-failure.ts";
import { type Concurrency, checkConcurrency } from "../limit/concurrency.ts";
import { type SessionIdOf, type SessionOptions, sessionPolicyOf } from "./session-options.ts";
import type { Logger } from "../logger.ts";
import type { Port } from "./port.ts";
import { MeshError } from "../errors.ts";
import { type Contract, type MethodContract, type MethodContracts, checkContract } from "./contract.ts";

/** How an agent behaves, whatever its methods do. */
export interface Behaviour<S, T = unknown> {
  /** Requests handled at once: so many, or as many as a policy finds. Default 1: a strict actor. */
  readonly concurrency?: Concurrency;
  /** Requests that may wait. Default 1,000; one more is `overloaded`. */
  readonly mailbox?: number;
  /** Bytes of payload that may wait. Default 64 MiB; a request that does not fit is `overloaded`. */
  readonly mailboxBytes?: number;
  /**
   * Requests that each replica takes, from all together; one more is `overloaded`, with the time until the next is taken.
   * Default: no limit.
   */
  readonly rateLimit?: RateLimit;
  /** The same for each caller: a client's connection. A replica knows the 10,000 that asked last. */
  readonly callerRateLimit?: RateLimit;
  /** Requests that this agent's own requests lead to may come back to it. Default false: a cycle fails at once. */
  readonly reentrant?: boolean;
  /**
   * It has sessions: state that belongs to a conversation, or to whatever its callers name, and that outlives every
   * replica. Requests of one session are worked on one at a time, anywhere in the pool. Needs JetStream. Default: none.
   */
  readonly session?: SessionOptions<T>;
  /** The replica's private state. */
  readonly state?: () => S | Promise<S>;
  /** Runs once, before the first request; what it throws keeps the replica from starting. */
  readonly onStart?: (ctx: LifecycleContext<S>) => unknown;
  /**
   * Runs when the replica begins to leave its pool: what runs is finished, and nothing new comes. Work that has no end of its
   * own ends now, or the drain waits for it until its time is up. Never called in a worker thread.
   */
  readonly onLeave?: (ctx: LifecycleContext<S>) => unknown;
  /** Runs once, after the last request. */
  readonly onStop?: (ctx: LifecycleContext<S>) => unknown;
  /**
   * What becomes of the replica's actor when a handler fails by a fault of its own: it throws what is no `MeshError`, or
   * gives what its contract forbids. Its caller is told `internal` in any case. Default `resume`.
   */
  readonly onFailure?: OnFailure;
  /** What a replica shows of its state when somebody looks (`shoal info`): fields with a JSON form. */
  readonly inspect?: (state: S) => Readonly<Record<string, unknown>>;
}

export interface LifecycleContext<S> {
  state: S;
  readonly log: Logger;
  readonly replica: string;
  readonly emit: Emit;
  /** The node's connection to NATS. @throws MeshError `unavailable` in a worker thread, which has none */
  readonly port: Port;
  /** @throws MeshError `unavailable` in a worker thread */
  readonly mesh: MeshView;
  /**
   * The actor cannot go on, for a reason that lies outside of its requests: a connection that is gone, a process that has
   * died. `onFailure` decides what becomes of it, where `resume` means `restart`. Does nothing before `onStart` has
   * returned, where throwing says as much, and after `onStop` has begun.
   */
  readonly fail: (error: unknown) => void;
}

// A handler's own types are checked where it is defined; here it takes and gives whatever its schemas let through.
export type Handler = (input: never, ctx: never) => unknown;

/** A contract with its handlers: what a mesh serves. */
export interface Agent<M extends MethodContracts = MethodContracts> extends Behaviour<never> {
  readonly contract: Contract<M>;
  readonly handlers: Readonly<Record<string, Handler>>;
  /** It passes inputs and results on as they are: whoever does the work checks them. */
  readonly relays?: boolean;
  /** Of a supervisor: the agents that it asks, in order, and then those that it asks when they have failed. */
  readonly supervises?: readonly string[];
  /** Of a pipeline: its stages as people read them, in order, and the agents that they ask. */
  readonly pipeline?: { readonly stages: readonly string[]; readonly asks: readonly string[] };
}

/** What a handler of this method may return. */
type Returned<M> = M extends { chunk: infer C extends z.ZodType }
  ? AsyncIterable<z.input<C>> | Iterable<z.input<C>>
  : M extends { output: infer O extends z.ZodType }
    ? z.input<O> | Promise<z.input<O>>
    : unknown;

/** Makes the compiler compare each handler's result with its schema. */
type Checked<D> = { [K in keyof D]: { run(input: never, ctx: never): Returned<D[K]> } };

type InlineMethod<I, S, T> = Omit<MethodContract, "input" | "cache"> & {
  readonly input: I;
  readonly cache?: CacheOptions<z.output<I>> | undefined;
  run(input: z.output<I>, ctx: Context<S, T>): unknown;
};

interface AgentHead<S, N extends string> extends Omit<Behaviour<S>, "session"> {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly defaultMethod?: N;
}

/** The contracts in a definition; a plain mapped type, so that a handle knows no method but these. */
type ContractsIn<D> = {
  readonly [K in keyof D]: D[K] extends MethodContract
    ? Pick<D[K], keyof D[K] & keyof MethodContract>
    : never;
};

/**
 * Defines an agent: a contract and its handlers in one plain object. Inputs, results and chunks are typed by the
 * schemas beside them.
 * @throws MeshError `bad_request` naming what is wrong
 */
export function defineAgent<S, T, I extends Record<string, z.ZodType>, D>(
  definition: AgentHead<S, Extract<keyof D, string>> & {
    readonly methods: { [K in keyof I]: InlineMethod<I[K], S, T> } & D & Checked<NoInfer<D>>;
    /** As `Behaviour` has it, with what names the session of an input; a function alone is that. */
    readonly session?:
      | SessionIdOf<z.output<NoInfer<I>[keyof I]>>
      | (SessionOptions<T> & { readonly id?: SessionIdOf<z.output<NoInfer<I>[keyof I]>> });
  },
): Agent<ContractsIn<D>> {
  const { name, version, description, defaultMethod, methods, session, ...behaviour } = definition;
  const { id, ...sessions } = typeof session === "function" ? { id: session } : (session ?? {});
  const contracts: Record<string, MethodContract> = {};
  const handlers: Record<string, Handler> = {};
  // What each of them is to its own input has been checked above.
  const inlined = methods as unknown as Record<string, InlineMethod<z.ZodType<never>, S, T>>;
  for (const [method, inline] of Object.entries(inlined)) {
    contracts[method] = inline;
    // Called as a method of its own definition, so that `this` is what the author sees.
    if (typeof Reflect.get(inline, "run") === "function")
      handlers[method] = (input, ctx) => inline.run(input, ctx);
  }
  const contract: Contract = strip({
    name,
    version,
    description,
    defaultMethod,
    methods: contracts,
    session: id,
  }) as Contract;
  const all = session === undefined ? behaviour : { ...behaviour, session: sessions };
  return agentOf(contract as unknown as Contract<ContractsIn<D>>, handlers, all);
}

export type HandlersOf<M extends MethodContracts, S, T = unknown> = {
  readonly [K in keyof M]: (input: z.output<M[K]["input"]>, ctx: Context<S, T>) => Returned<M[K]>;
};

/**
 * Gives a contract its handlers.
 * @throws MeshError `bad_request` when a method has no handler
 */
export function implement<M extends MethodContracts, S, T = unknown>(
  contract: Contract<M>,
  implementation: Behaviour<S, T> & { readonly methods: HandlersOf<M, NoInfer<S>, NoInfer<T>> },
): Agent<M> {
  const { methods, ...behaviour } = implementation;
  return agentOf(contract, methods as unknown as Record<string, Handler>, behaviour);
}

function agentOf<M extends MethodContracts, S>(
  contract: Contract<M>,
  handlers: Record<string, Handler>,
  behaviour: Behaviour<S>,
): Agent<M> {
  checkContract(contract);
  const { name } = contract;
  for (const method of Object.keys(contract.methods)) {
    if (!Object.hasOwn(handlers, method) || typeof handlers[method] !== "function") {
      throw new MeshError(
        "bad_request",
        `agent "${name}": method "${method}" has no handler: give it a function.`,
      );
    }
  }
  if (behaviour.concurrency !== undefined)
    checkConcurrency(`agent "${name}": concurrency`, behaviour.concurrency);
  checkCount(name, "mailbox", behaviour.mailbox, 0);
  checkCount(name, "mailboxBytes", behaviour.mailboxBytes, 0);
  checkRateLimit(name, "rateLimit", behaviour.rateLimit);
  checkRateLimit(name, "callerRateLimit", behaviour.callerRateLimit);
  checkOnFailure(name, behaviour.onFailure);
  sessionPolicyOf({ contract, session: behaviour.session });
  const cached = Object.keys(contract.methods).find(
    (method) => contract.methods[method]?.cache !== undefined,
  );
  if (cached !== undefined && (behaviour.session !== undefined || contract.session !== undefined))
    throw new MeshError(
      "bad_request",
      `agent "${name}" has sessions, and method "${cached}" has a cache: what is answered in one session is not for another.`,
    );
  return { contract, handlers, ...(behaviour as unknown as Behaviour<never>) };
}

function checkCount(agent: string, field: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return;
  throw new MeshError(
    "bad_request",
    `agent "${agent}": ${field} is ${value}; it must be a whole number from ${least}.`,
  );
}

function strip<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
