import type { StageEntry } from "./pipeline-schema.ts";

/** The name that a stage has, or gets after what it does. */
export function stageNameOf(stage: StageEntry): string {
  const { name, step, gate, branch, map } = stage;
  if (name !== undefined) return name;
  if (step !== undefined) return lastWordOf(step) ?? "step";
  if (branch !== undefined) return lastWordOf(branch) ?? "branch";
  if (stage.parallel) return "parallel";
  if (map !== undefined) return (isStep(map) && lastWordOf(map.step)) || "map";
  if (typeof gate === "object") return lastWordOf(gate.field) ?? "gate";
  return lastWordOf(gate) ?? "gate";
}

/** Stages that have got the same name after what they do are numbered: `prompt`, `prompt-2`. */
export function named(stages: readonly StageEntry[]): StageEntry[] {
  const taken = new Set(stages.map(({ name }) => name));
  return stages.map((stage) => {
    if (stage.name !== undefined) return stage;
    const usual = stageNameOf(stage);
    let name = usual;
    for (let count = 2; taken.has(name); count++) name = `${usual.slice(0, 59)}-${count}`;
    taken.add(name);
    return { ...stage, name };
  });
}

/** `summarize` of `summarizer.summarize`, `clean` of `./text.ts#clean`, the name of a function. */
function lastWordOf(given: unknown): string | undefined {
  if (typeof given === "function") return given.name || undefined;
  if (typeof given !== "string") return undefined;
  const file = /([^/]+?)(?:\.[cm]?[jt]s)?$/.exec(given)?.[1] ?? given;
  const words = (given.includes("#") ? given : file).match(/[A-Za-z0-9][A-Za-z0-9_-]*/g);
  return words?.at(-1)?.slice(0, 63);
}

function isStep(given: NonNullable<StageEntry["map"]>): given is StageEntry {
  return typeof given === "object" && "step" in given;
}
