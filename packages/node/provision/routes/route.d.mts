import type { Step, Tool } from "../index.d.mts";

export interface Limits {
  /** Longest wait for an answer to begin, in milliseconds. */
  headersMs: number;
  /** Longest silence within a body, in milliseconds. */
  stallMs: number;
}

interface RouteOptions {
  env: NodeJS.ProcessEnv;
  limits: Limits;
  onStep: (step: Step) => void;
}

/** One way to get a binary. */
export interface Route {
  source: "release" | "go" | "apt";
  /** In words, for the list of what was tried. */
  where: string;
  /** Leaves the binary in the folder and returns its path; throws RouteFailed with the reason. */
  make: (tool: Tool, folder: string, options: RouteOptions) => Promise<string>;
}
