import type { MetricsReport } from "@shoal/agents";

/** What the list is ordered by. */
export const SORTS = ["name", "load", "rate", "p99", "waiting", "oldest"] as const;
export type Sort = (typeof SORTS)[number];

/** Over which time rates are told. */
export const WINDOWS = ["1s", "1m", "5m"] as const;
export type Window = (typeof WINDOWS)[number];

/** Whom to drain, once it is confirmed. */
interface DrainWish {
  readonly node: string;
  /** Undefined: the whole node. */
  readonly replica: string | undefined;
}

/** A request that runs far longer than it should. */
export interface StuckRequest {
  readonly request: string;
  readonly agent: string;
  readonly method: string;
  readonly replica: string;
  /** By the clock of whoever draws. */
  readonly since: number;
}

/** Everything that `shoal top` shows. */
export interface TopState {
  readonly root: string;
  /** Undefined before the first. */
  readonly report: MetricsReport | undefined;
  readonly stuck: readonly StuckRequest[];
  /** `agent`: one agent, its methods and its replicas. */
  readonly view: "agents" | "agent" | "nodes";
  /** The one that is looked into. */
  readonly agent: string | undefined;
  readonly sort: Sort;
  readonly window: Window;
  readonly filter: string;
  /** The name of the row that the keys are for. */
  readonly selected: string | undefined;
  /** What is typed: a filter, or an answer. */
  readonly mode: "keys" | "filter" | "confirm";
  readonly wish: DrainWish | undefined;
  /** The last thing that has happened, for people; empty when it is old. */
  readonly note: string;
  /** Why no figures come: what is shown is older; empty while they come. */
  readonly loss: string;
}

export function beginning(root: string): TopState {
  return {
    root,
    report: undefined,
    stuck: [],
    view: "agents",
    agent: undefined,
    sort: "name",
    window: "1s",
    filter: "",
    selected: undefined,
    mode: "keys",
    wish: undefined,
    note: "",
    loss: "",
  };
}
