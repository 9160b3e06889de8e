import type { AttemptRecord, RequestRecord, SpanRecord } from "@shoal/mesh/client";
import type { Found } from "./records.ts";

type At<T> = T & { readonly node: string };

/** What happened, and what came of it, in the order in which it began. */
export interface Branch {
  readonly of: At<RequestRecord> | At<AttemptRecord> | At<SpanRecord> | Missing;
  /** Replicas that had the request before, and how long it waited there. */
  readonly before: readonly { readonly replica: string; readonly waitedMs: number }[];
  /** How it ended for its caller, where that is another end. */
  readonly seen: At<AttemptRecord> | undefined;
  readonly under: readonly Branch[];
}

/** An attempt of which nothing is known but that another came after it. */
interface Missing {
  readonly kind: "missing";
  readonly target: string;
  readonly attempt: number;
  readonly at: number;
}

interface Growing extends Branch {
  of: Branch["of"];
  before: { replica: string; waitedMs: number }[];
  seen: At<AttemptRecord> | undefined;
  under: Growing[];
}

/** The records of one trace as a tree: usually one branch, more where what they belong to is not known. */
export function treeOf(records: readonly Found[]): Branch[] {
  const requests = requestsIn(records);
  const attempts = addAttempts(records, requests);
  const spans = only(records, "span").map(branchOf);
  const all = [...requests.values(), ...attempts, ...spans].sort((a, b) => a.of.at - b.of.at);
  const parents = parentsIn(records, [...requests.values(), ...spans]);
  const roots: Growing[] = [];
  for (const branch of all) (parents(branch)?.under ?? roots).push(branch);
  return withMissing(roots);
}

/** One branch for each, wherever it has been. */
function requestsIn(records: readonly Found[]): Map<string, Growing> {
  const requests = new Map<string, Growing>();
  for (const record of only(records, "request")) {
    const known = requests.get(record.id);
    if (!known) requests.set(record.id, branchOf(record));
    else if (known.of.kind === "request") merge(known, known.of, record);
  }
  for (const branch of requests.values()) branch.before.sort((a, b) => a.waitedMs - b.waitedMs);
  return requests;
}

/** Where it has gone on says what became of it. */
function merge(branch: Growing, known: At<RequestRecord>, other: At<RequestRecord>): void {
  const [earlier, later] = known.moves <= other.moves ? [known, other] : [other, known];
  if (earlier.outcome === "moved")
    branch.before.push({ replica: earlier.replica, waitedMs: earlier.waitedMs });
  branch.of = { ...later, at: Math.min(known.at, other.at), parent: later.parent ?? earlier.parent };
}

/** What callers have seen fail: a branch of its own where no replica tells of it. */
function addAttempts(records: readonly Found[], requests: ReadonlyMap<string, Growing>): Growing[] {
  const alone: Growing[] = [];
  for (const attempt of only(records, "attempt")) {
    const branch = attempt.id === undefined ? undefined : requests.get(attempt.id);
    if (!branch) alone.push(branchOf(attempt));
    else if (branch.of.kind === "request" && branch.of.outcome !== attempt.outcome) branch.seen = attempt;
  }
  return alone;
}

function parentsIn(
  records: readonly Found[],
  owners: readonly Growing[],
): (branch: Growing) => Growing | undefined {
  const bySpan = new Map<string, Growing>();
  for (const owner of owners) if ("span" in owner.of) bySpan.set(owner.of.span, owner);
  const calls = new Map(only(records, "call").map(({ span, parent }) => [span, parent]));
  const above = (span: string | undefined): Growing | undefined => {
    let at = span;
    // Whoever answers may say anything: also that two calls have caused each other.
    for (let steps = 0; at !== undefined && steps < MOST_STEPS; steps++) {
      const owner = bySpan.get(at);
      if (owner) return owner;
      at = calls.get(at);
    }
    return undefined;
  };
  return (branch) => {
    const { of } = branch;
    if (of.kind === "missing") return undefined;
    const parent = above(of.parent);
    // A further attempt at what nobody has caused is told to belong to the first.
    if (parent && isSameCall(parent.of, of))
      return above("parent" in parent.of ? parent.of.parent : undefined);
    return parent && !isBelow(parent, branch) ? parent : undefined;
  };
}

const MOST_STEPS = 100;

function isSameCall(first: Branch["of"], later: Branch["of"]): boolean {
  return (
    first.kind === "request" &&
    (later.kind === "request" || later.kind === "attempt") &&
    later.attempt > first.attempt &&
    later.target === first.target
  );
}

/** A tree has no circle in it. */
function isBelow(branch: Growing, top: Growing): boolean {
  return branch === top || top.under.some((each) => isBelow(branch, each));
}

/** Of attempts that came after one that nobody tells of, that one is named. */
function withMissing(branches: readonly Growing[]): Growing[] {
  const seen = new Set<string>();
  const all: Growing[] = [];
  for (const branch of branches) {
    const { of } = branch;
    if (of.kind === "request" || of.kind === "attempt") {
      for (let attempt = 1; attempt < of.attempt; attempt++) {
        if (seen.has(`${attempt} ${of.target}`)) continue;
        seen.add(`${attempt} ${of.target}`);
        all.push(branchOf({ kind: "missing", target: of.target, attempt, at: of.at }));
      }
      seen.add(`${of.attempt} ${of.target}`);
    }
    all.push({ ...branch, under: withMissing(branch.under) });
  }
  return all;
}

function branchOf(of: Branch["of"]): Growing {
  return { of, before: [], seen: undefined, under: [] };
}

function only<K extends Found["kind"]>(records: readonly Found[], kind: K): Extract<Found, { kind: K }>[] {
  return records.filter((each): each is Extract<Found, { kind: K }> => each.kind === kind);
}
