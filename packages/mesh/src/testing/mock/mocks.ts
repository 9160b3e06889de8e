import type { Contract, MethodContracts } from "../../contract/contract.ts";
import { type MockAgent, type MockOptions, mockAgent } from "./mock-agent.ts";

/** The mocks of one test. */
export class Mocks {
  private readonly all: Pick<MockAgent, "problems">[] = [];

  make<M extends MethodContracts>(contract: Contract<M>, options: MockOptions): MockAgent<M> {
    const mock = mockAgent(contract, options);
    this.all.push(mock);
    return mock;
  }

  /** Of all mocks. */
  get problems(): string[] {
    return this.all.flatMap(({ problems }) => problems);
  }
}
