import { printable } from "../printable.ts";
import { nextBestText } from "./next-best.ts";
import { paint } from "./output.ts";
import { timeText } from "./time-text.ts";

type Fields = Readonly<Record<string, unknown>>;

interface Sentence {
  /** Fields that it tells of; an event without them is another of the same name. */
  of: readonly string[];
  say: (fields: Fields) => string;
}

const BREAKER_STATES: Readonly<Record<string, string>> = {
  open: `${paint("red", "open")}: it is left alone for a while`,
  "half-open": `${paint("yellow", "half open")}: one attempt tries whether it is well again`,
  closed: `${paint("green", "closed")}: it is asked again`,
};

/** What supervisors, actors and nodes tell. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  halted: { of: ["why"], say: ({ why }) => `nothing starts for now: ${shown(why)}` },
  restarted: { of: ["restarts"], say: ({ restarts }) => `it has begun anew (${shown(restarts)} so far)` },
  blocked: {
    of: ["method", "blockedMs"],
    say: ({ method, blockedMs }) => `${shown(method)} held up its whole process for ${time(blockedMs)}`,
  },
  stalled: { of: ["blockedMs"], say: ({ blockedMs }) => `the process stood still for ${time(blockedMs)}` },
  stuck: {
    of: ["method", "ageMs", "p99Ms"],
    say: ({ method, ageMs, p99Ms }) =>
      `${shown(method)} has run for ${time(ageMs)}: 99 % of them take ${time(p99Ms)} at most`,
  },
  unstuck: {
    of: ["method", "ageMs"],
    say: ({ method, ageMs }) => `${shown(method)} that was stuck has ended after ${time(ageMs)}`,
  },
  crashed: { of: ["why"], say: ({ why }) => `the node drains and ends: ${shown(why)}` },
  escalated: { of: ["why"], say: ({ why }) => `the node drains and ends: ${shown(why)}` },
  retry: {
    of: ["target", "code", "attempt", "waitMs"],
    say: ({ target, code, attempt, waitMs }) =>
      `${shown(target)} is asked again in ${time(waitMs)}: attempt ${shown(attempt)} ended ${shown(code)}`,
  },
  fallback: {
    of: ["from", "to", "code"],
    say: ({ from, to, code }) =>
      code === "breaker-open"
        ? `${shown(to)} is asked: the breaker of ${shown(from)} is open`
        : `${shown(to)} is asked: ${shown(from)} ended ${shown(code)}`,
  },
  hedge: {
    of: ["target", "afterMs"],
    say: ({ target, afterMs }) =>
      `another attempt at ${shown(target)}: the one before takes over ${time(afterMs)}`,
  },
  budget: {
    of: ["target"],
    say: ({ target }) => `${shown(target)} has had as many retries and hedges as its requests allow`,
  },
  breaker: {
    of: ["target", "state"],
    say: ({ target, state }) =>
      `the breaker of ${shown(target)} is ${BREAKER_STATES[shown(state)] ?? shown(state)}`,
  },
  "stage-failed": {
    of: ["stage", "code", "next"],
    say: ({ stage, code, next }) => `stage ${shown(stage)} ended ${shown(code)}: ${nextText(shown(next))}`,
  },
  degraded: {
    of: ["by", "code"],
    say: ({ by, code }) => `${nextBestText(shown(by))} was given: all targets failed (${shown(code)})`,
  },
};

/** What a pipeline does about a stage that failed. */
function nextText(next: string): string {
  if (next === "skip") return "the item is left out";
  return next === "continue" ? "the item goes on without it" : `the item goes on with the ${next}`;
}

/** An event for people: a sentence where one is known for its kind, and every fact that it does not tell. */
export function eventText(kind: string, fields: Fields): string {
  const known = SENTENCES[kind];
  const sentence = known?.of.every((field) => field in fields) ? known : undefined;
  const facts = Object.entries(fields)
    .filter(([name]) => name !== "kind" && name !== "agent" && !sentence?.of.includes(name))
    .map(([name, value]) => `${printable(name)} ${shown(value)}`);
  const texts = [printable(kind), sentence?.say(fields), facts.length > 0 && paint("dim", facts.join("  "))];
  return texts.filter(Boolean).join("  ");
}

function time(ms: unknown): string {
  return timeText(Number(ms) || 0);
}

function shown(value: unknown): string {
  return typeof value === "string" ? printable(value) : JSON.stringify(value);
}
