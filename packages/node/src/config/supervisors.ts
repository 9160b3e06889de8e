import type { Hosted } from "./agents.ts";
import { circleBy } from "./circles.ts";
import type { Mistake } from "./mistakes.ts";
import { References, type Surroundings } from "./references.ts";
import { type Asked, type Declared, SupervisorBuilder } from "./supervisor-builder.ts";
import { type SupervisorEntry, supervisorSchema } from "./supervisor-schema.ts";

/**
 * The supervisors that a configuration has, those that others ask first, and whatever is wrong with them beyond their
 * settings.
 */
export async function resolveSupervisors(
  entries: unknown,
  around: Omit<Surroundings, "supervisors">,
): Promise<{ hosted: Hosted[]; mistakes: Mistake[] }> {
  const written = Array.isArray(entries) ? [...(entries as unknown[]).entries()] : [];
  const names = namesWritten(entries);
  const references = new References({ ...around, supervisors: names });
  const mistakes: Mistake[] = [];
  const declared = new Map<string, Declared>();
  const taken = new Map(around.hosted.map(({ agent }) => [agent.contract.name, "an agent here"]));
  for (const [index, raw] of written) {
    const path = ["supervisors", index];
    const name = nameIn(raw);
    if (name === undefined) continue;
    const holder = taken.get(name);
    if (holder === undefined) taken.set(name, `supervisors[${index}]`);
    else {
      const message = `${holder} is called "${name}" already: rename one`;
      mistakes.push({ path: [...path, "name"], message });
    }
    // What is wrong with its settings has been told already.
    const { data: entry } = supervisorSchema.safeParse(raw);
    if (!entry) continue;
    const asked = await askedBy(entry, path, { references, mistakes });
    if (holder === undefined) declared.set(name, { name, path, entry, asked });
  }
  mistakes.push(...circles(declared, around.hosted));
  const builder = new SupervisorBuilder(declared);
  const hosted = builder.buildAll();
  return { hosted, mistakes: [...mistakes, ...builder.mistakes] };
}

/** The names that entries give themselves, whatever else is wrong with them. */
export function namesWritten(entries: unknown): Set<string> {
  const written: unknown[] = Array.isArray(entries) ? entries : [];
  return new Set(written.map(nameIn).filter((name) => name !== undefined));
}

export function nameIn(raw: unknown): string | undefined {
  const name = typeof raw === "object" && raw !== null && "name" in raw ? raw.name : undefined;
  return typeof name === "string" ? name : undefined;
}

async function askedBy(
  { targets, degrade = [] }: SupervisorEntry,
  path: readonly PropertyKey[],
  { references, mistakes }: { references: References; mistakes: Mistake[] },
): Promise<Asked> {
  const asked: Asked = new Map();
  const askers = [
    ...targets.map((each, index) => ({ each, path: [...path, "targets", index] })),
    ...degrade.map((each, index) => ({ each, path: [...path, "degrade", index] })),
  ];
  for (const { each, path: at } of askers) {
    if (!("agent" in each)) continue;
    try {
      const reference = await references.find(each.agent);
      if (reference) asked.set(each, { path: at, reference });
    } catch (error) {
      mistakes.push({ path: at, message: (error as Error).message });
    }
  }
  return asked;
}

/** Each circle once, where it begins. */
function circles(declared: ReadonlyMap<string, Declared>, hosted: readonly Hosted[]): Mistake[] {
  const asking = new Map<string, readonly string[]>(
    hosted.map(({ agent: { contract, supervises, pipeline } }) => [
      contract.name,
      supervises ?? pipeline?.asks ?? [],
    ]),
  );
  for (const { name, asked } of declared.values())
    asking.set(
      name,
      [...asked.values()].map(({ reference }) => reference.name),
    );
  const mistakes: Mistake[] = [];
  const told = new Set<string>();
  for (const { name, asked } of declared.values()) {
    for (const { path, reference } of asked.values()) {
      const circle = circleBy(reference.name, name, asking);
      const members = circle && [...new Set(circle)].toSorted().join(" ");
      if (!circle || !members || told.has(members)) continue;
      told.add(members);
      mistakes.push({
        path,
        message: `supervisors must not ask each other in a circle, and here ${circle.join(" asks ")}`,
      });
    }
  }
  return mistakes;
}
