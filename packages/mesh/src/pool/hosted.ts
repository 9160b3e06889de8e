import type { Actor } from "../actor/actor.ts";
import type { Replica } from "./replica.ts";

/** Replicas of this process. */
export class Hosted {
  private readonly serving = new Map<string, Replica[]>();
  private readonly draining = new Map<string, Replica>();
  /** Those that are started and stopped in order, in the order of their start. */
  private families: (readonly Replica[])[] = [];
  private readonly prefersLocal: boolean;

  /** @param prefersLocal calls to an actor that is free here need not cross the network */
  constructor(prefersLocal: boolean) {
    this.prefersLocal = prefersLocal;
  }

  add(family: readonly Replica[]): void {
    this.families.push(family);
    for (const replica of family) {
      const { name } = replica.actor;
      this.serving.set(name, [...(this.serving.get(name) ?? []), replica]);
    }
  }

  remove(replica: Replica): void {
    const { name } = replica.actor;
    const rest = (this.serving.get(name) ?? []).filter((each) => each !== replica);
    if (rest.length > 0) this.serving.set(name, rest);
    else this.serving.delete(name);
    this.families = this.families
      .map((family) => family.filter((each) => each !== replica))
      .filter((family) => family.length > 0);
  }

  /** Every family, and every replica of each, the last one started first. From now on they are leaving. */
  takeAll(): Replica[][] {
    const all = this.families.map((family) => family.toReversed()).toReversed();
    this.families = [];
    this.serving.clear();
    for (const replica of all.flat()) this.draining.set(replica.actor.name, replica);
    return all;
  }

  /** They have left. */
  forget(replicas: readonly Replica[]): void {
    for (const { actor } of replicas) this.draining.delete(actor.name);
  }

  /** `agent.method` of all that runs, each once. */
  running(): string[] {
    const all = this.families.flat().flatMap(({ actor }) => {
      const { running, ended } = actor.load;
      return [...Object.keys(running), ...Object.keys(ended)].map((method) => `${actor.name}.${method}`);
    });
    return [...new Set(all)];
  }

  free(agent: string): Actor | undefined {
    if (!this.prefersLocal) return undefined;
    // A session may be elsewhere: whoever has it is told over the network alone.
    return this.serving.get(agent)?.find(({ actor }) => actor.hasFreeSlot && !actor.sessions)?.actor;
  }

  leaving(agent: string): string | undefined {
    return this.draining.get(agent)?.id;
  }
}
