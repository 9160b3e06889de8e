import { MeshError } from "../errors.ts";

/**
 * What becomes of an actor that has failed: it goes on with its state as it is, begins anew with fresh state, stops for
 * good, or its supervisor fails in its place.
 */
export type Directive = "resume" | "restart" | "stop" | "escalate";

/** One directive for all failures, one by the error's name (`otherwise` for the rest), or a function that decides. */
export type OnFailure = Directive | Readonly<Record<string, Directive>> | ((error: unknown) => Directive);

const DIRECTIVES: readonly unknown[] = ["resume", "restart", "stop", "escalate"];

/** The request is answered and its failure logged in any case: state that others use as well is not thrown away. */
const DEFAULT: Directive = "resume";

/** A function that itself fails, or that decides for what there is not, asks for a restart: nothing is sure any more. */
export function directiveFor(rule: OnFailure | undefined, error: unknown): Directive {
  if (rule === undefined) return DEFAULT;
  if (typeof rule === "string") return rule;
  if (typeof rule !== "function") return rule[nameOf(error)] ?? rule["otherwise"] ?? DEFAULT;
  try {
    const decided: unknown = rule(error);
    return DIRECTIVES.includes(decided) ? (decided as Directive) : "restart";
  } catch {
    return "restart";
  }
}

/** @throws MeshError `bad_request` naming the agent and what is wrong */
export function checkOnFailure(agent: string, rule: OnFailure | undefined): void {
  if (rule === undefined || typeof rule === "function") return;
  const entries = typeof rule === "string" ? [["onFailure", rule]] : Object.entries(rule);
  for (const [name = "", directive] of entries) {
    if (DIRECTIVES.includes(directive)) continue;
    const where = name === "onFailure" ? name : `onFailure.${name}`;
    throw new MeshError(
      "bad_request",
      `agent "${agent}": ${where} is ${JSON.stringify(directive)}; it must be one of ${DIRECTIVES.join(", ")}.`,
    );
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
