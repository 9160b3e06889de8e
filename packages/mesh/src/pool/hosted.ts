import type { Actor } from "../actor/actor.ts";
import type { Replica } from "./replica.ts";

/** Replicas of this process. */
export class Hosted {
  private readonly byAgent = new Map<string, Replica[]>();

  add(replica: Replica): void {
    const { name } = replica.actor;
    this.byAgent.set(name, [...(this.byAgent.get(name) ?? []), replica]);
  }

  remove(replica: Replica): void {
    const { name } = replica.actor;
    const rest = (this.byAgent.get(name) ?? []).filter((each) => each !== replica);
    if (rest.length > 0) this.byAgent.set(name, rest);
    else this.byAgent.delete(name);
  }

  takeAll(): Replica[] {
    const all = [...this.byAgent.values()].flat().toReversed();
    this.byAgent.clear();
    return all;
  }

  /** An actor that would start a request at once. */
  readonly free = (agent: string): Actor | undefined =>
    this.byAgent.get(agent)?.find(({ actor }) => actor.hasFreeSlot)?.actor;
}
