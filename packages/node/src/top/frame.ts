import { counted } from "../counted.ts";
import { briefNumber, briefTime } from "./cells.ts";
import { type Grid, type Paint, gridLines, padded } from "./grid.ts";
import { agentGrid, methodGrid, nodeGrid, replicaGrid } from "./grids.ts";
import { namesIn, selectedIn } from "./rows.ts";
import type { TopState } from "./state.ts";

/**
 * A state as lines of a terminal, without one.
 *
 * IN6: no line is wider than the terminal, there are no more than it has, and the selected row is among them.
 */

export interface Size {
  readonly width: number;
  /** Infinity: as many lines as there are. */
  readonly height: number;
}

const MOST_STUCK = 3;

/**
 * What the terminal shows: no line is wider, and there are no more, than fit.
 * @param now milliseconds, by the clock by which the state counts
 */
export function frame(state: TopState, { width, height }: Size, now: number, paint: Paint): string[] {
  const head = [padded(headOf(state), width), ...stuckLines(state, width, now, paint), ""];
  const foot = Number.isFinite(height) ? ["", footOf(state, width, paint)] : [];
  const room = height - head.length - foot.length;
  const body = bodyOf(state, width, room, paint);
  const gap = Number.isFinite(height) ? Array<string>(Math.max(0, room - body.length)).fill("") : [];
  return [paint("bold", head[0] ?? ""), ...head.slice(1), ...body, ...gap, ...foot].slice(0, height);
}

function headOf({ root, report, window, sort }: TopState): string {
  if (!report) return `shoal top  ${root}  waiting for the metrics agent`;
  const { agents, nodes } = report;
  const sum = (of: (agent: (typeof agents)[number]) => number): number =>
    agents.reduce((n, each) => n + of(each), 0);
  const facts = [
    counted(nodes.length, "node"),
    counted(
      sum(({ replicas }) => replicas),
      "replica",
    ),
    `${sum(({ now }) => now?.running ?? 0)} run`,
    `${sum(({ now }) => now?.waiting ?? 0)} wait`,
    `${briefNumber(sum(({ perSecond }) => perSecond.ended[window] ?? 0))}/s (${window})`,
    `by ${sort}`,
  ];
  return `shoal top  ${root}  ${facts.join(" · ")}`;
}

function stuckLines({ stuck }: TopState, width: number, now: number, paint: Paint): string[] {
  const lines = stuck
    .slice(0, MOST_STUCK)
    .map(({ agent, method, since, replica, request }) =>
      padded(`stuck ${briefTime(now - since)}  ${agent}.${method}  ${replica}  ${request}`, width),
    );
  if (stuck.length > MOST_STUCK)
    lines.push(padded(`and ${stuck.length - MOST_STUCK} more that are stuck`, width));
  return lines.map((line) => paint("red", line));
}

function bodyOf(state: TopState, width: number, room: number, paint: Paint): string[] {
  if (!state.report) return [];
  if (state.view === "nodes") return scrolled(state, nodeGrid(state), width, room, paint);
  if (state.view === "agents") {
    if (state.report.agents.length === 0) return ["No agent is on this mesh."];
    return scrolled(state, agentGrid(state), width, room, paint);
  }
  const agent = state.report.agents.find((each) => each.agent === state.agent);
  if (!agent) return [`${state.agent ?? ""} is not there any more: esc goes back`];
  if (!agent.byMethod) return [`${agent.agent} …`];
  const methods = [paint("bold", agent.agent), "", ...gridLines(methodGrid(state, agent), width, paint), ""];
  return [...methods, ...scrolled(state, replicaGrid(state), width, room - methods.length, paint)];
}

/** As many rows as there is room for, with the selected one among them. */
function scrolled<T>(state: TopState, grid: Grid<T>, width: number, room: number, paint: Paint): string[] {
  const [head = "", ...lines] = gridLines(grid, width, paint);
  // IN6
  const most = Math.max(1, room - 1);
  const at = namesIn(state).indexOf(selectedIn(state) ?? "");
  const from = Math.max(0, Math.min(at - most + 1, lines.length - most));
  return [head, ...lines.slice(from, from + most)];
}

function footOf(state: TopState, width: number, paint: Paint): string {
  const { mode, filter, wish, note, loss, view } = state;
  if (mode === "filter") return padded(`/${filter}█  enter keeps it, esc clears it`, width);
  if (mode === "confirm" && wish) {
    const whom = wish.replica === undefined ? `the node ${wish.node}` : `the replica ${wish.replica}`;
    return paint("yellow", padded(`drain ${whom}? It finishes its work and leaves. y/n`, width));
  }
  if (note !== "") return paint("yellow", padded(note, width));
  if (loss !== "") return paint("yellow", padded(`no figures: ${loss}`, width));
  const keys = {
    agents: "↑↓ select  enter look into  n nodes",
    agent: "↑↓ select  d drain  D drain its node  esc back",
    nodes: "↑↓ select  d drain node  n agents",
  }[view];
  const kept = filter === "" ? "" : `  [${filter}]`;
  return paint("dim", padded(`${keys}  s sort  t time  / filter  q quit${kept}`, width));
}
