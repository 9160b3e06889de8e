import type { Results as RaceResults } from "../race/results.ts";
import type { ContenderName } from "./contender-name.ts";
import type { Cell } from "./settings.ts";
import type { Trial } from "./trial.ts";

export type Results = RaceResults<Cell, ContenderName, Trial>;
