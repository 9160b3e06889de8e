import type { Results as RaceResults } from "../race/results.ts";
import type { ContenderName } from "./roster.ts";
import type { Cell } from "./settings.ts";
import type { Trial } from "./team.ts";

export type Results = RaceResults<Cell, ContenderName, Trial>;
