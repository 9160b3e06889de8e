import type { Agent } from "../contract/agent.ts";
import { defaultMethodOf } from "../contract/contract.ts";
import type { Inbound } from "./inbound.ts";
import { Method } from "./method.ts";
import { noSuchMethod } from "./refusals.ts";
import { ErrorCounts } from "./stats.ts";

/** What an actor can be asked for. */
export class Methods implements Iterable<Method> {
  /** Requests that reached no method: those for one that is not there, and those that could not be read. */
  readonly unserved: ErrorCounts = new ErrorCounts();
  /** Undefined when there is no obvious one. */
  readonly defaultName: string | undefined;
  private readonly agent: string;
  private readonly byName: ReadonlyMap<string, Method>;

  constructor(agent: Agent) {
    const { contract } = agent;
    this.agent = contract.name;
    this.defaultName = defaultMethodOf(contract);
    this.byName = new Map(
      Object.entries(contract.methods).map(([name, method]) => [name, new Method(agent, name, method)]),
    );
  }

  [Symbol.iterator](): Iterator<Method> {
    return this.byName.values();
  }

  /** Undefined when there is no such method. @param name undefined for the default one */
  named(name: string | undefined): Method | undefined {
    return this.byName.get(name ?? this.defaultName ?? "");
  }

  /** The method that a request is for; one for which there is none is answered so. */
  of(inbound: Inbound, name: string | undefined): Method | undefined {
    const method = this.named(name);
    if (method) return method;
    const error = noSuchMethod(this.agent, name, [...this.byName.keys()]);
    this.unserved.count(error);
    inbound.error(error, false);
    inbound.closed();
    return undefined;
  }
}
