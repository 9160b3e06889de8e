import { checkRoot } from "./names.ts";

/** The mesh's subjects under one root. `_` cannot begin an agent's name, so the two never meet. */
export interface Subjects {
  readonly root: string;
  /** Requests for an agent's default method. */
  agent(agent: string): string;
  method(agent: string, method: string): string;
  /** Requests for any one method of an agent, known or not. */
  anyMethod(agent: string): string;
  /** One replica alone: cancel, credit, liveness. */
  at(replica: string): string;
  /** Those of a pool that would take a request. */
  idle(agent: string): string;
  /** Those of a pool where requests wait. */
  steal(agent: string): string;
  /** All of a pool that stay: asked by one that leaves. */
  last(agent: string): string;
  /** All who keep answers of an agent: asked to forget some. */
  cache(agent: string): string;
  /** The same, one of those that keep them together. */
  sharedCache(agent: string): string;
  event(kind: string, agent: string): string;
  /** Durable tasks for an agent's default method. */
  task(agent: string): string;
  taskFor(agent: string, method: string): string;
  /** What becomes of one task. */
  news(task: string): string;
  /** Tasks of an agent that nobody wants any more. */
  dropped(agent: string): string;
  /** One replica: asked for a session that it has. */
  session(replica: string): string;
  /** What one node tells of its figures. */
  stats(node: string): string;
  /** One node, or without a name all: asked for all of its figures. No node is called `all`. */
  figures(node?: string): string;
  /** One node: inspect, log level, drain. */
  control(node: string): string;
  /** All nodes at once. */
  readonly everyControl: string;
}

export function subjectsUnder(root: string): Subjects {
  checkRoot(root);
  return {
    root,
    agent: (agent) => `${root}.${agent}`,
    method: (agent, method) => `${root}.${agent}.${method}`,
    anyMethod: (agent) => `${root}.${agent}.*`,
    at: (replica) => `${root}._.at.${replica}`,
    idle: (agent) => `${root}._.idle.${agent}`,
    steal: (agent) => `${root}._.steal.${agent}`,
    last: (agent) => `${root}._.last.${agent}`,
    cache: (agent) => `${root}._.cache.${agent}`,
    sharedCache: (agent) => `${root}._.cache.${agent}.shared`,
    event: (kind, agent) => `${root}._.event.${kind}.${agent}`,
    task: (agent) => `${root}.task.${agent}`,
    taskFor: (agent, method) => `${root}.task.${agent}.${method}`,
    news: (task) => `${root}._.news.${task}`,
    dropped: (agent) => `${root}._.dropped.${agent}`,
    session: (replica) => `${root}._.session.${replica}`,
    stats: (node) => `${root}._.stats.${node}`,
    figures: (node = "all") => `${root}._.figures.${node}`,
    control: (node) => `${root}._.ctl.${node}`,
    // No node's name is so short. A shorter subject would be one of those to which any caller of agents may publish.
    everyControl: `${root}._.ctl.all`,
  };
}
