import type { MethodChange, ReplicaChange } from "./copy.ts";
import type { Numbers } from "./entry.ts";

/** What a number, and the head of a text, a list or a map, takes at most in MessagePack. */
const NUMBER = 9;
const HEAD = 5;

/** Changes in the order in which they are, in groups that take no more than so many bytes; at least one group. */
export function inGroups(changes: readonly ReplicaChange[], maxBytes: number): ReplicaChange[][] {
  let group: ReplicaChange[] = [];
  let left = maxBytes;
  const groups = [group];
  for (const change of changes.flatMap((each) => apart(each, maxBytes))) {
    const bytes = bytesOf(change);
    if (bytes > left && group.length > 0) {
      groups.push((group = []));
      left = maxBytes;
    }
    group.push(change);
    left -= bytes;
  }
  return groups;
}

/** A replica with more methods than fit is told of several times. */
function apart(change: ReplicaChange, maxBytes: number): ReplicaChange[] {
  const [agent, replica, numbers, methods] = change;
  if (methods.length < 2 || bytesOf(change) <= maxBytes) return [change];
  const half = methods.length >> 1;
  return [
    ...apart([agent, replica, numbers, methods.slice(0, half)], maxBytes),
    ...apart([agent, replica, {}, methods.slice(half)], maxBytes),
  ];
}

/** At most. */
function bytesOf([agent, replica, numbers, methods]: ReplicaChange): number {
  const own = 3 * HEAD + textBytes(agent) + textBytes(replica) + numbersBytes(numbers ?? {});
  return methods.reduce((sum, method) => sum + methodBytes(method), own);
}

function methodBytes([method, numbers, running, waiting]: MethodChange): number {
  const times = NUMBER * ((running?.length ?? 0) + (waiting?.length ?? 0));
  return 4 * HEAD + textBytes(method) + numbersBytes(numbers) + times;
}

function numbersBytes(numbers: Numbers): number {
  return Object.keys(numbers).reduce((sum, name) => sum + textBytes(name) + NUMBER, 0);
}

/** Names are ASCII. */
function textBytes(text: string): number {
  return HEAD + text.length;
}
