import { GONE, type ReplicaFigures } from "./figures.ts";
import { sumOf, sumOfServed } from "./sum.ts";

/** Agents of which it is known which they were. */
const MOST_AGENTS = 1_000;
/** All others, and all methods of them. No agent's name is like it. */
const OTHERS = "_";

/** What replicas that have gone have done: for each agent one sum, however many replicas there were. */
export class Departed {
  private readonly byAgent = new Map<string, ReplicaFigures>();

  add(figures: ReplicaFigures): void {
    const isKnown = this.byAgent.has(figures.agent) || this.byAgent.size < MOST_AGENTS;
    const added = isKnown
      ? figures
      : { ...figures, agent: OTHERS, methods: [sumOfServed(OTHERS, figures.methods)] };
    const { agent } = added;
    const before = this.byAgent.get(agent);
    this.byAgent.set(agent, sumOf(before ? [before, added] : [added], { agent, replica: GONE }));
  }

  get all(): ReplicaFigures[] {
    return [...this.byAgent.values()];
  }
}
