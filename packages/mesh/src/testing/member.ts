import type { Mesh } from "../mesh.ts";
import { countOf } from "./left-behind.ts";
import type { MemberClock } from "./member-clock.ts";

/** A member of a mesh under test. */
export interface Member {
  readonly mesh: Mesh;
  readonly clock: MemberClock;
}

/** A sentence for each member whose clock still has timers after it was closed. */
export function timersLeftBy(members: Iterable<Member>): string[] {
  return [...members]
    .filter(({ clock }) => clock.armed > 0)
    .map(
      ({ mesh, clock }) =>
        `the member ${mesh.node} was closed, and has left ${countOf(clock.armed, "timer")}`,
    );
}
