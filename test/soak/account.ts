import { GONE } from "../../packages/mesh/src/index.ts";
import type { Tallies, TargetTally } from "./tally.ts";

/**
 * Two books of the same requests: what clients have entered when theirs ended, and what replicas have counted when theirs did.
 *
 * SO1: every request ends once, for its caller.
 * SO2: what a node has answered, it has counted: for each method, its count is at least the answers that clients have from it.
 *      A node that was killed takes what it had counted last with it: it has counted what clients had from it some
 *      seconds before ({@link UNTOLD_MS}).
 * SO3: nothing is counted that was not sent: for a method that clients alone call, the counts of all nodes are at most the
 *      attempts that they have made. A request that is sent again is worked on again, and counted again.
 * SO4: where nothing is sent twice and nobody dies, they agree: for such a method, as many are counted as were sent.
 */

/** Nodes tell of themselves each second; what they told just before a fault may have been lost, and is told again. */
export const UNTOLD_MS = 5_000;
/** A stream that its reader left does not say how often it was sent: no request is sent more often. */
const MOST_ATTEMPTS = 10;

export type Counts = Readonly<Record<string, number>>;

export interface Books {
  readonly tallies: Tallies;
  /** By `agent.method`: requests that have ended at each node, those among them that have gone. */
  readonly counted: ReadonlyMap<string, Counts>;
  /** By node that was killed: for each `agent.method` the answers that clients had from it {@link UNTOLD_MS} before. */
  readonly killed: ReadonlyMap<string, Counts>;
}

/** One method in both books. */
export interface Line {
  readonly target: string;
  readonly sent: number;
  readonly attempts: number;
  /** Answered by a replica, as clients know. */
  readonly answered: number;
  /** By all nodes that were heard. */
  readonly counted: number;
}

/** Methods that agents of the mesh call too: only their answers can be compared. */
const CALLED_WITHIN: ReadonlySet<string> = new Set(["job.work", "job.pay", "job.recite"]);

/** Methods that clients call: what they submit as tasks is the queue's to call. */
export function targetsOf(tallies: Tallies): string[] {
  return Object.keys(tallies).filter((target) => !target.startsWith("task "));
}

/** A line for each method that clients call. */
export function linesOf({ tallies, counted }: Books): Line[] {
  const methods = targetsOf(tallies).map((target) => [target, tallies[target] as TargetTally] as const);
  return methods.map(([target, { outcomes, answers, attempts }]) => ({
    target,
    sent: sumOf(outcomes),
    attempts,
    answered: sumOf(answers),
    counted: sumOf(counted.get(target) ?? {}),
  }));
}

/** What does not hold. */
export function disagreements(books: Books): string[] {
  const { tallies, killed } = books;
  return linesOf(books).flatMap(({ target, sent, attempts, counted }) => {
    const problems = uncounted(target, books);
    if (CALLED_WITHIN.has(target)) return problems;
    const { left = 0 } = tallies[target]?.outcomes ?? {};
    // SO3
    const most = attempts + left * (MOST_ATTEMPTS - 1);
    if (counted > most)
      problems.push(`${target}: ${counted} are counted, but clients have made ${attempts} attempts.`);
    // SO4
    const isExact = attempts === sent && killed.size === 0;
    if (isExact && counted !== sent)
      problems.push(`${target}: ${counted} are counted, but ${sent} were sent, each once.`);
    return problems;
  });
}

/** SO2 */
function uncounted(target: string, { tallies, counted, killed }: Books): string[] {
  const counts = counted.get(target) ?? {};
  return [...answersByNode(target, tallies)].flatMap(([node, answers]) => {
    const due = killed.has(node) ? (killed.get(node)?.[target] ?? 0) : answers;
    const count = counts[node] ?? 0;
    // Of nodes that were forgotten only the sum is known.
    if (count >= due || (count === 0 && (counts[GONE] ?? 0) >= due)) return [];
    return [`${target}: ${node} has counted ${count}, but clients have ${due} answers from it.`];
  });
}

/** What clients have from one node. */
export function answersOf(node: string, tallies: Tallies): Counts {
  const targets = Object.keys(tallies);
  return Object.fromEntries(targets.map((target) => [target, answersByNode(target, tallies).get(node) ?? 0]));
}

/** From which clients have answers. */
export function nodesOf(target: string, tallies: Tallies): string[] {
  return [...answersByNode(target, tallies).keys()];
}

function answersByNode(target: string, tallies: Tallies): Map<string, number> {
  const byNode = new Map<string, number>();
  for (const [replica, count] of Object.entries(tallies[target]?.answers ?? {})) {
    const node = replica.slice(0, replica.lastIndexOf("-"));
    byNode.set(node, (byNode.get(node) ?? 0) + count);
  }
  return byNode;
}

function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
