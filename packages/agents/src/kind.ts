import type { Agent } from "@shoal/mesh";
import type { z } from "zod";

/** What an agent of a kind is told of its place. */
export interface About {
  /** The name under which it is served. */
  readonly name: string;
  /** Absolute path of the directory of its configuration: relative paths in its options begin there. */
  readonly directory: string;
}

/** Agents that are made of settings alone: what a configuration may `use` beside agents, such as `use: llm`. */
export interface Kind<O = unknown> {
  /** Checks what an entry has beside the settings that every agent has. */
  readonly options: z.ZodType<O>;
  /** @throws MeshError that says which setting cannot be used, and what to do */
  make(options: O, about: About): Agent | Promise<Agent>;
}
