import type { Step } from "@shoal/mesh";
import { fieldOf, withField } from "./field.ts";
import type { StageEntry } from "./pipeline-schema.ts";
import type { FoundStep } from "./step-finder.ts";

type Shape = Pick<StageEntry, "from" | "with" | "into">;

/** A step that takes what `from` or `with` say of the value, and whose answer goes where `into` says. */
export function shaped(found: FoundStep, shape: Shape): Step<unknown, unknown> {
  const take = takeOf(shape);
  const { into } = shape;
  const give =
    into === undefined ? undefined : (answer: unknown, value: unknown) => withField(value, into, answer);
  if (typeof found !== "function") return { ...found, take, give };
  if (!take && !give) return found;
  return async (value, ctx) => {
    const answer = await found(take ? take(value) : value, ctx);
    return give ? give(answer, value) : answer;
  };
}

function takeOf({ from, with: made }: Shape): ((value: unknown) => unknown) | undefined {
  if (made) {
    const entries = Object.entries(made);
    return (value) => Object.fromEntries(entries.map(([name, given]) => [name, resolved(given, value)]));
  }
  return from === undefined ? undefined : (value) => fieldOf(value, from);
}

/** `$` is the value, `$title` a field of it; `$$` begins a text with a `$`. */
function resolved(given: unknown, value: unknown): unknown {
  if (typeof given !== "string" || !given.startsWith("$")) return given;
  if (given === "$") return value;
  return given.startsWith("$$") ? given.slice(1) : fieldOf(value, given.slice(1));
}
