import { namesIn, replicaRows, selectedIn } from "./rows.ts";
import { SORTS, type TopState, WINDOWS } from "./state.ts";

/**
 * What keys do to a state, without a terminal.
 *
 * IN7: nothing is drained but after a question, and `y`.
 */

/** What a key leads to beside another state. */
export type Effect = "quit" | "drain" | undefined;

/** A key as the terminal sends it. */
export const Key = {
  up: "\u001B[A",
  down: "\u001B[B",
  escape: "\u001B",
  enter: "\r",
  backspace: "\u007F",
  interrupt: "\u0003",
} as const;

/** A key was pressed. */
export function press(state: TopState, key: string): { state: TopState; effect: Effect } {
  if (key === Key.interrupt) return { state, effect: "quit" };
  if (state.mode === "filter") return stays(typed(state, key));
  if (state.mode === "confirm") return confirmed(state, key);
  if (key === "q") return { state, effect: "quit" };
  return stays(commanded({ ...state, note: "" }, key));
}

function stays(state: TopState): { state: TopState; effect: Effect } {
  return { state, effect: undefined };
}

function commanded(state: TopState, key: string): TopState {
  switch (key) {
    case Key.up:
    case "k":
      return moved(state, -1);
    case Key.down:
    case "j":
      return moved(state, 1);
    case Key.enter:
      return entered(state);
    case Key.escape:
      return left(state);
    case "n":
      return { ...state, view: state.view === "nodes" ? "agents" : "nodes", selected: undefined, filter: "" };
    case "/":
      return { ...state, mode: "filter", filter: "" };
    case "s":
      return { ...state, sort: next(SORTS, state.sort) };
    case "t":
      return { ...state, window: next(WINDOWS, state.window) };
    case "d":
    case "D":
      return asked(state, key === "D");
    default:
      return state;
  }
}

function typed(state: TopState, key: string): TopState {
  if (key === Key.enter) return { ...state, mode: "keys" };
  if (key === Key.escape) return { ...state, mode: "keys", filter: "" };
  if (key === Key.backspace) return { ...state, filter: state.filter.slice(0, -1) };
  return /^[\w-]$/.test(key) ? { ...state, filter: state.filter + key } : state;
}

function confirmed(state: TopState, key: string): { state: TopState; effect: Effect } {
  // IN7
  const answered: TopState = { ...state, mode: "keys" };
  if (key === "y" || key === "Y") return { state: answered, effect: "drain" };
  return stays({ ...answered, wish: undefined, note: "nothing is drained" });
}

function moved(state: TopState, by: number): TopState {
  const names = namesIn(state);
  const at = names.indexOf(selectedIn(state) ?? "") + by;
  return { ...state, selected: names[Math.max(0, Math.min(names.length - 1, at))] };
}

function entered(state: TopState): TopState {
  const agent = selectedIn(state);
  if (state.view !== "agents" || agent === undefined) return state;
  return { ...state, view: "agent", agent, selected: undefined, filter: "" };
}

/** From a filter to the whole, from an agent to all, and nowhere else. */
function left(state: TopState): TopState {
  if (state.filter !== "") return { ...state, filter: "" };
  if (state.view === "agents") return state;
  return { ...state, view: "agents", selected: state.agent, agent: undefined };
}

/** @param isWhole the node of a replica, in place of the replica */
function asked(state: TopState, isWhole: boolean): TopState {
  const selected = selectedIn(state);
  if (state.view === "agents" || selected === undefined)
    return { ...state, note: "enter an agent to drain one of its replicas, or press n for nodes" };
  if (state.view === "nodes")
    return { ...state, mode: "confirm", wish: { node: selected, replica: undefined } };
  const node = replicaRows(state).find(({ replica }) => replica === selected)?.node;
  if (node === undefined) return state;
  return { ...state, mode: "confirm", wish: { node, replica: isWhole ? undefined : selected } };
}

function next<T>(all: readonly T[], current: T): T {
  return all[(all.indexOf(current) + 1) % all.length] as T;
}

/** An arrow is three characters, some terminals have a second form of it, and other keys are longer. */
const ONE_KEY = new RegExp(`${Key.escape}[[O][A-D]|${Key.escape}\\[[0-9;]*[A-Za-z~]|[^]`, "gu");

/** The keys in what a terminal has sent: several at once when somebody is fast, or the line is slow. */
export function keysIn(input: string): string[] {
  return [...input.matchAll(ONE_KEY)].map(([key]) => key.replace(`${Key.escape}O`, `${Key.escape}[`));
}
