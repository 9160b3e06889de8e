import { type Agent, type Contract, nearest } from "@shoal/mesh";
import type { Hosted } from "./agents.ts";
import { isAgentLike, isContractLike } from "./agent-like.ts";
import { builtIn, findUsed } from "./used.ts";

/** An agent that a supervisor asks. */
export interface Reference {
  readonly name: string;
  /** Undefined for a supervisor or a pipeline of the same configuration: it is made of those that it asks. */
  readonly contract: Contract | undefined;
}

export interface Surroundings {
  hosted: readonly Hosted[];
  /** Names of what is made of others: the configuration's supervisors, and for pipelines those too. */
  supervisors: ReadonlySet<string>;
  directory: string;
  /** Agents of the configuration could not be loaded: a name that nobody has may be one of theirs. */
  isIncomplete: boolean;
  /** Names of what is written and could not be made: what is wrong with it is told there. */
  broken?: ReadonlySet<string>;
}

/** Finds the agents that supervisors ask: here, among the supervisors, or served elsewhere with their contract here. */
export class References {
  private readonly around: Surroundings;
  private readonly contracts: ReadonlyMap<string, Contract>;

  constructor(around: Surroundings) {
    this.around = around;
    this.contracts = new Map(around.hosted.map(({ agent: { contract } }) => [contract.name, contract]));
  }

  /**
   * Undefined for what cannot be told yet.
   * @throws Error that says what may be meant
   */
  async find(given: string | Contract | Agent): Promise<Reference | undefined> {
    if (typeof given !== "string") return this.referTo(contractIn(given) ?? (given as Contract));
    const own = this.contracts.get(given);
    if (own) return { name: given, contract: own };
    if (this.around.supervisors.has(given)) return { name: given, contract: undefined };
    const [contract, ...more] = (await findUsed(given, this.around.directory, contractIn)) ?? [];
    if (more.length > 0) {
      const names = [contract, ...more].map((each) => each?.name).join(", ");
      throw new Error(`"${given}" has several agents (${names}): pick one with "${given}#export"`);
    }
    if (contract) return this.referTo(contract);
    if (this.around.isIncomplete || this.around.broken?.has(given)) return undefined;
    throw await this.nobodyCalled(given);
  }

  private referTo(contract: Contract): Reference {
    const { name } = contract;
    return { name, contract: this.around.supervisors.has(name) ? undefined : contract };
  }

  private async nobodyCalled(name: string): Promise<Error> {
    const { supervisors, broken = [] } = this.around;
    const here = [...new Set([...this.contracts.keys(), ...supervisors, ...broken])];
    const [alike] = nearest(name, [...here, ...Object.keys(await builtIn())]);
    const hint =
      alike === undefined
        ? `here are ${here.join(", ")}; of one that is served elsewhere the contract is needed, by a path such as "./gpt.ts"`
        : `did you mean "${alike}"?`;
    return new Error(
      `no agent or supervisor here, none that comes with Shoal and no package is called "${name}"; ${hint}`,
    );
  }
}

function contractIn(value: unknown): Contract | undefined {
  if (isAgentLike(value)) return value.contract as Contract;
  return isContractLike(value) ? value : undefined;
}
