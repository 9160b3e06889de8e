import type { Agent } from "@shoal/mesh";
import type { z } from "zod";
import { type Mistake, mistakesIn } from "./mistakes.ts";
import { type AgentEntry, ENTRY_SETTINGS } from "./schema.ts";

/** What is wrong with an entry, before it is known where that was written. */
export class EntryMistakes extends Error {
  /** Paths begin at the entry. */
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ message }) => message).join("; "));
    this.mistakes = mistakes;
  }
}

/**
 * Makes an agent of a kind, such as `use: llm`.
 * @throws EntryMistakes for settings that its kind does not take; Error that says why none can be made
 */
export async function makeOfKind(entry: AgentEntry, directory: string): Promise<Agent> {
  const { use, name = use, worker } = entry;
  const { kinds } = await import("@shoal/agents");
  const kind = kinds[use];
  if (!kind) throw new Error(`there is no kind of agents called "${use}"`);
  if (worker)
    throw new EntryMistakes([
      { path: ["worker"], message: `an agent of the kind "${use}" cannot have a thread` },
    ]);
  const own = Object.fromEntries(Object.entries(entry).filter(([key]) => !ENTRY_SETTINGS.includes(key)));
  const checked = await kind.options.safeParseAsync(own);
  if (checked.success) return kind.make(checked.data, { name, directory });
  const known = (path: readonly PropertyKey[]): string[] => {
    const there = settingsIn(kind.options, path);
    return path.length === 0 ? [...there, ...ENTRY_SETTINGS] : there;
  };
  throw new EntryMistakes(mistakesIn(checked.error.issues, own, known));
}

/** The settings that a schema has at a path, as far as it is made of objects. */
function settingsIn(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const def = schema._zod.def as unknown as Readonly<Record<string, unknown>>;
  const inner = def["innerType"] ?? def["in"];
  if (inner) return settingsIn(inner as z.core.$ZodType, path);
  const shape = def["shape"] as Readonly<Record<string, z.core.$ZodType>> | undefined;
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(shape ?? {});
  const next = shape?.[String(key)] ?? (def["valueType"] as z.core.$ZodType | undefined);
  return next ? settingsIn(next, rest) : [];
}
