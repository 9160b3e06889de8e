import type { Hosted } from "./agents.ts";
import { circleBy } from "./circles.ts";
import type { Mistake } from "./mistakes.ts";
import { PipelineBuilding, type Asked } from "./pipeline-building.ts";
import { pipelineSchema } from "./pipeline-schema.ts";
import { References, type Surroundings } from "./references.ts";
import { StepFinder } from "./step-finder.ts";
import { nameIn, namesWritten } from "./supervisors.ts";

/**
 * The pipelines of a configuration, whatever is wrong with them beyond their settings, and the names of those that could
 * not be made.
 */
export async function resolvePipelines(
  entries: unknown,
  around: Surroundings,
): Promise<{ hosted: Hosted[]; mistakes: Mistake[]; broken: Set<string> }> {
  const written = Array.isArray(entries) ? [...(entries as unknown[]).entries()] : [];
  const pipelines = namesWritten(entries);
  const finder = new StepFinder({
    references: new References({ ...around, supervisors: new Set([...around.supervisors, ...pipelines]) }),
    directory: around.directory,
    pipelines,
  });
  const hosted: Hosted[] = [];
  const mistakes: Mistake[] = [];
  const askedBy = new Map<string, readonly Asked[]>();
  const taken = new Map(around.hosted.map(({ agent }) => [agent.contract.name, "an agent here"]));
  for (const [index, raw] of written) {
    const path = ["pipelines", index];
    const name = nameIn(raw);
    if (name === undefined) continue;
    const holder = taken.get(name);
    if (holder === undefined) taken.set(name, `pipelines[${index}]`);
    else
      mistakes.push({
        path: [...path, "name"],
        message: `${holder} is called "${name}" already: rename one`,
      });
    // What is wrong with its settings has been told already.
    const { data: entry } = pipelineSchema.safeParse(raw);
    if (!entry) continue;
    const building = new PipelineBuilding(finder, mistakes);
    const agent = await building.agentOf(entry, path);
    if (holder !== undefined) continue;
    askedBy.set(name, building.asked);
    if (agent) hosted.push({ agent, replicas: entry.replicas ?? 1 });
  }
  const made = new Set(hosted.map(({ agent }) => agent.contract.name));
  const broken = new Set([...pipelines].filter((name) => !made.has(name)));
  const all = [...mistakes, ...circles(askedBy)].map(({ path, message }) => ({
    path: asWritten(path, { pipelines: entries }),
    message,
  }));
  return { hosted, mistakes: all, broken };
}

/** Pipelines that ask each other, each circle once, where it begins. Those through a supervisor are found with that. */
function circles(askedBy: ReadonlyMap<string, readonly Asked[]>): Mistake[] {
  const asking = new Map([...askedBy].map(([name, asked]) => [name, asked.map(({ agent }) => agent)]));
  const mistakes: Mistake[] = [];
  const told = new Set<string>();
  for (const [name, asked] of askedBy) {
    for (const { agent, path } of asked) {
      const circle = circleBy(agent, name, asking);
      const members = circle && [...new Set(circle)].toSorted().join(" ");
      if (!circle || !members || told.has(members)) continue;
      told.add(members);
      const message = `pipelines must not ask each other in a circle, and here ${circle.join(" asks ")}`;
      mistakes.push({ path, message });
    }
  }
  return mistakes;
}

/** A stage that is written as a text has no settings: its place is the text's. */
function asWritten(path: readonly PropertyKey[], root: object): readonly PropertyKey[] {
  let at: unknown = root;
  for (const [length, key] of path.entries()) {
    if (typeof at !== "object" || at === null) return path.slice(0, length);
    at = Reflect.get(at, key);
  }
  return path;
}
