import { MeshError } from "@shoal/mesh";
import type { Instance } from "./instance.ts";

const TOKEN = /^(\*|[A-Za-z0-9_-]+)$/;

/** Which agents are meant: `AGENT.OWNER.NAME`, as in their subjects; `*` is any. */
export class Address {
  private readonly text: string;
  private readonly tokens: readonly string[];

  /** @throws MeshError `bad_request` for what is none */
  constructor(text: string) {
    this.text = text;
    this.tokens = text.split(".");
    if (this.tokens.length === 3 && this.tokens.every((token) => TOKEN.test(token))) return;
    throw new MeshError(
      "bad_request",
      `${JSON.stringify(text)} is no agent of the open agent protocol: give AGENT.OWNER.NAME, such as "claude-code.alice.main", with "*" for any.`,
    );
  }

  matches({ agent, owner, name }: Instance): boolean {
    return [agent, owner, name].every((token, index) => {
      const wanted = this.tokens[index];
      return wanted === "*" || wanted === token;
    });
  }

  toString(): string {
    return this.text;
  }
}
