import type { AgentReport, MethodReport, NodeReport, ReplicaReport, RequestReport } from "@shoal/agents";
import { bar, briefNumber, briefTime, percent } from "./cells.ts";
import type { Grid, GridColumn, Style } from "./grid.ts";
import { agentRows, loadOf, nodeRows, replicaRows, selectedIn } from "./rows.ts";
import type { TopState, Window } from "./state.ts";

const BAR = 6;
const LOADED = 0.75;

export function agentGrid(state: TopState): Grid<AgentReport> {
  const selected = selectedIn(state);
  return {
    rows: agentRows(state),
    marked: ({ agent }) => agent === selected,
    columns: [
      { title: "AGENT", width: 0, value: ({ agent }) => agent },
      right("REP", 3, ({ replicas }) => briefNumber(replicas)),
      ...presence<AgentReport>(),
      ...requests<AgentReport>(state.window),
      {
        title: "BRK",
        width: 4,
        value: ({ supervisor }) => breakerOf(supervisor).slice(0, 4),
        style: ({ supervisor }) => (breakerOf(supervisor) === "open" ? "red" : undefined),
      },
      right("RST", 3, ({ restarts }) => (restarts === 0 ? "" : briefNumber(restarts))),
      right("MOVED", 5, ({ moved }) => (moved.here === 0 ? "" : briefNumber(moved.here))),
      right("TOKENS", 6, ({ usage }) => amount(usage.inputTokens + usage.outputTokens)),
      right("COST", 7, ({ usage }) => (usage.cost === 0 ? "" : `$${usage.cost.toFixed(2)}`)),
    ],
  };
}

export function methodGrid({ window }: TopState, { byMethod = [] }: AgentReport): Grid<MethodReport> {
  return {
    rows: byMethod,
    columns: [
      { title: "METHOD", width: 0, value: ({ method }) => method },
      ...requests<MethodReport>(window),
      right("MAX", 6, ({ running }) => briefTime(running.maxMs)),
      right("W99", 6, ({ waiting }) => briefTime(waiting.p99Ms)),
      right("ENDED", 6, ({ ended }) => briefNumber(ended)),
    ],
  };
}

export function replicaGrid(state: TopState): Grid<ReplicaReport> {
  const selected = selectedIn(state);
  return {
    rows: replicaRows(state),
    marked: ({ replica }) => replica === selected,
    columns: [
      { title: "REPLICA", width: 0, value: ({ replica }) => replica },
      ...presence<ReplicaReport>(),
      ...requests<ReplicaReport>(state.window),
      right("RST", 3, ({ restarts }) => (restarts === 0 ? "" : briefNumber(restarts))),
      right("HERE", 5, ({ moved }) => amount(moved.here)),
      right("AWAY", 5, ({ moved }) => amount(moved.away)),
      right("STOLEN", 6, ({ moved }) => amount(moved.stolen)),
    ],
  };
}

export function nodeGrid(state: TopState): Grid<NodeReport> {
  const selected = selectedIn(state);
  return {
    rows: nodeRows(state),
    marked: ({ node }) => node === selected,
    columns: [
      { title: "NODE", width: 0, value: ({ node }) => node },
      right("REP", 4, ({ replicas }) => briefNumber(replicas)),
      right("UP", 5, ({ uptimeMs }) => briefTime(uptimeMs)),
      right("HEARD", 6, ({ silentMs }) => briefTime(silentMs)),
      right("RSS MiB", 7, ({ rssBytes }) => briefNumber(rssBytes / 1_048_576)),
      right("HEAP MiB", 8, ({ heapUsedBytes }) => briefNumber(heapUsedBytes / 1_048_576)),
      right("LAG99", 6, ({ loopLag }) => briefTime(loopLag?.p99Ms ?? null)),
      right("RECONN", 6, ({ reconnects }) => amount(reconnects)),
    ],
  };
}

/** What runs and what waits now. */
function presence<T extends { readonly now: AgentReport["now"] }>(): GridColumn<T>[] {
  return [
    {
      title: "LOAD",
      width: BAR,
      value: ({ now }) => bar(loadOf(now), BAR),
      style: ({ now }) => colourOf(now),
    },
    right("RUN", 6, ({ now }) => (now ? `${briefNumber(now.running)}/${briefNumber(now.slots)}` : "-")),
    right("OLDEST", 6, ({ now }) => briefTime(now?.oldestRunningMs ?? null)),
    right("WAIT", 4, ({ now }) => amount(now?.waiting ?? 0)),
  ];
}

/** What has been asked for, and how long it took. */
function requests<T extends RequestReport>(window: Window): GridColumn<T>[] {
  return [
    right("REQ/S", 6, ({ perSecond }) => briefNumber(perSecond.ended[window])),
    {
      ...right<T>("ERR%", 4, ({ perSecond }) => percent(perSecond.failed[window], perSecond.ended[window])),
      style: () => "red",
    },
    right("P50", 5, ({ running }) => briefTime(running.p50Ms)),
    right("P99", 5, ({ running }) => briefTime(running.p99Ms)),
  ];
}

function right<T>(title: string, width: number, value: (row: T) => string): GridColumn<T> {
  return { title, width, value, isRight: true };
}

/** Nothing where there is none of it: what is there is seen at once. */
function amount(count: number): string {
  return count === 0 ? "" : briefNumber(count);
}

function colourOf(now: AgentReport["now"]): Style {
  const load = loadOf(now);
  if (load >= 1) return "red";
  return load >= LOADED ? "yellow" : "green";
}

/** The worst of its targets; empty for one that has no breaker. */
function breakerOf(supervisor: AgentReport["supervisor"]): string {
  const states = supervisor?.targets.flatMap(({ breaker }) => breaker ?? []) ?? [];
  return ["open", "half-open", "closed"].find((state) => states.some((each) => each === state)) ?? "";
}
