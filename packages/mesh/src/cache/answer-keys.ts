import type { CachePolicy } from "../contract/cache-options.ts";
import { MeshError, messageOf } from "../errors.ts";
import { canonicalText, digestOf } from "./canonical.ts";

/** Names the answers of one method. */
export class AnswerKeys {
  private readonly target: string;
  private readonly keyOf: CachePolicy["keyOf"];

  /** @param target `agent.method`, for messages */
  constructor(target: string, { keyOf }: Pick<CachePolicy, "keyOf">) {
    this.target = target;
    this.keyOf = keyOf;
  }

  /** Undefined for an input that has no canonical text. @throws MeshError `internal` when the agent's own `key` fails */
  of(input: unknown): string | undefined {
    if (this.keyOf) return named(this.nameOf(input, this.keyOf));
    const text = canonicalText(input);
    return text === undefined ? undefined : digestOf(`input ${text}`);
  }

  private nameOf(input: unknown, keyOf: (input: unknown) => unknown): string {
    let name: unknown;
    try {
      name = keyOf(input);
    } catch (error) {
      throw this.fault(`throws: ${messageOf(error)}`, error);
    }
    if (typeof name === "string") return name;
    throw this.fault(`gives a ${typeof name}; it must give a string`);
  }

  private fault(why: string, cause?: unknown): MeshError {
    return new MeshError("internal", `the cache key of ${this.target} ${why}.`, { cause });
  }
}

/** The key of the answers for which the agent's own `key` gives this name. */
export function named(name: string): string {
  return digestOf(`key ${name}`);
}
