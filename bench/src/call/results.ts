import type { Results as RaceResults } from "../race/results.ts";
import type { Measured } from "./measure.ts";
import type { ContenderName } from "./roster.ts";
import type { Cell } from "./settings.ts";

export type Results = RaceResults<Cell, ContenderName, Measured>;
