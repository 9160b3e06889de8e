import { type Agent, MeshError, type Rung, type TargetInput, defineSupervisor } from "@shoal/mesh";
import type { Hosted } from "./agents.ts";
import type { Mistake } from "./mistakes.ts";
import type { Reference } from "./references.ts";
import type { SupervisorEntry } from "./supervisor-schema.ts";

/** Those targets and rungs for which an agent was found, and where they are written. */
export type Asked = Map<TargetInput | Rung, { path: readonly PropertyKey[]; reference: Reference }>;

/** A supervisor that is written down, with those that it asks. */
export interface Declared {
  readonly name: string;
  readonly path: readonly PropertyKey[];
  readonly entry: SupervisorEntry;
  readonly asked: Asked;
}

/** Makes supervisors of what is written. One that asks another is made of it, so that one is made first. */
export class SupervisorBuilder {
  readonly mistakes: Mistake[] = [];
  private readonly declared: ReadonlyMap<string, Declared>;
  private readonly built = new Map<string, Hosted>();
  private readonly begun = new Set<string>();

  constructor(declared: ReadonlyMap<string, Declared>) {
    this.declared = declared;
  }

  /** Those that can be made; for another, either it or one that it asks is among the mistakes. */
  buildAll(): Hosted[] {
    for (const name of this.declared.keys()) this.build(name);
    return [...this.built.values()];
  }

  private build(name: string): Hosted | undefined {
    const declared = this.declared.get(name);
    // One that is begun and not built waits for itself, or is wrong.
    if (declared && !this.begun.has(name)) {
      this.begun.add(name);
      const agent = this.define(declared);
      if (agent) this.built.set(name, { agent, replicas: declared.entry.replicas ?? 1 });
    }
    return this.built.get(name);
  }

  private define({ path, entry, asked }: Declared): Agent | undefined {
    const { targets: givenTargets, degrade: givenRungs = [], replicas: _replicas, ...options } = entry;
    const targets = this.resolved(givenTargets, asked);
    const degrade = this.resolved(givenRungs, asked);
    if (!targets || !degrade) return undefined;
    try {
      return defineSupervisor({ ...options, targets, degrade });
    } catch (error) {
      this.mistakes.push({ path: [...path, ...settingIn(error)], message: (error as Error).message });
      return undefined;
    }
  }

  /** With contracts in place of names. Undefined when one is missing. */
  private resolved<T extends TargetInput | Rung>(given: readonly T[], asked: Asked): T[] | undefined {
    const all = given.map((each) => {
      if (!("agent" in each)) return each;
      const reference = asked.get(each)?.reference;
      const contract = reference && (reference.contract ?? this.build(reference.name)?.agent.contract);
      return contract && { ...each, agent: contract };
    });
    return all.every((each) => each !== undefined) ? all : undefined;
  }
}

/** The option that the mesh complains about, as far as it says. */
function settingIn(error: unknown): readonly PropertyKey[] {
  const details = error instanceof MeshError ? error.details : undefined;
  const setting =
    typeof details === "object" && details !== null && "setting" in details ? details.setting : [];
  return Array.isArray(setting) ? (setting as PropertyKey[]) : [];
}
