import { MeshError } from "../errors.ts";
import { nearest } from "../client/suggest.ts";

/** What a node's name ends in: no two are the same. */
const UNIQUE = /-[0-9a-z]{8}$/;

/**
 * The one node that is meant: by its whole name, by the name that it was given, or by what its name begins with.
 * @param names of all that may be meant
 * @throws MeshError `not_found` when there is none, `bad_request` when there are several, with their names
 */
export function pickNode(wanted: string, names: readonly string[]): string {
  if (names.includes(wanted)) return wanted;
  const given = names.filter((name) => name.replace(UNIQUE, "") === wanted);
  const meant = given.length > 0 ? given : names.filter((name) => name.startsWith(wanted));
  const [only, ...others] = meant.toSorted();
  if (only === undefined) throw noNode(wanted, names);
  if (others.length === 0) return only;
  throw new MeshError("bad_request", `"${wanted}" may be any of ${meant.length} nodes: ${listed(meant)}.`, {
    details: { nodes: meant.toSorted() },
  });
}

export function noNode(wanted: string, names: readonly string[]): MeshError {
  const alike = nearest(wanted, names);
  const there = names.length === 0 ? "no node answers" : `there are ${listed(names)}`;
  const hint = alike.length > 0 ? `did you mean "${alike.join('" or "')}"?` : `${there}.`;
  return new MeshError("unavailable", `no node "${wanted}" is on this mesh: ${hint}`, { retryable: false });
}

const MOST_LISTED = 12;

function listed(names: readonly string[]): string {
  const some = names.toSorted().slice(0, MOST_LISTED).join(", ");
  return names.length > MOST_LISTED ? `${some}, and ${names.length - MOST_LISTED} more` : some;
}
