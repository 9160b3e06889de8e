import type { Contract } from "@shoal/mesh";

/** An agent object, as a configuration in TypeScript may hold it. */
export interface AgentLike {
  readonly contract: { readonly name: string };
  readonly handlers: object;
}

export function isAgentLike(value: unknown): value is AgentLike {
  return typeof value === "object" && value !== null && "contract" in value && "handlers" in value;
}

export function isContractLike(value: unknown): value is Contract {
  return typeof value === "object" && value !== null && "methods" in value && "version" in value;
}
