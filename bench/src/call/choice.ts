import { chosen } from "../options.ts";
import { coldCall } from "./cold-call.ts";
import { localCall } from "./local-call.ts";
import { manyAgents } from "./many-agents.ts";
import type { Part } from "./part.ts";
import { contenderNames, type ContenderName } from "./roster.ts";
import { validation } from "./validation.ts";

/** What is measured beside the race, by the name that `--only` takes. */
const PARTS = { validation, local: localCall, agents: manyAgents, cold: coldCall };

/** What of this benchmark is to run. */
export interface Choice {
  readonly contenders: readonly ContenderName[];
  readonly parts: readonly Part[];
}

/** Everything, or the contenders and parts that were named. Throws a `UsageError` for a name that is neither. */
export function choose(only: readonly string[]): Choice {
  const partNames = Object.keys(PARTS) as (keyof typeof PARTS)[];
  const names = chosen("contender or part of call", only, [...contenderNames, ...partNames]);
  return {
    contenders: contenderNames.filter((name) => names.includes(name)),
    parts: partNames.filter((name) => names.includes(name)).map((name) => PARTS[name]),
  };
}
