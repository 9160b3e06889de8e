import type { ReplicaStats } from "@shoal/mesh/client";
import { table } from "./output.ts";

/** A stage of a pipeline, as all its replicas know it together. */
export interface StageFigures {
  stage: string;
  does: string;
  running: number;
  waiting: number;
  done: number;
  failed: number;
  /** Null before the first. */
  averageMs: number | null;
  /** Codes, each once. */
  lastErrors: string[];
}

type Figures = Readonly<Record<string, unknown>>;

/** Undefined for an agent that is no pipeline. */
export function stagesOf(stats: readonly ReplicaStats[]): StageFigures[] | undefined {
  const all = stats.map(({ status }) => status).filter((status) => status["pipeline"] === true);
  if (all.length === 0) return undefined;
  // Replicas of another version may have others.
  const stages = Map.groupBy(all.flatMap(listIn), (each) => textIn(each, "stage"));
  return [...stages].map(([stage, each]) => {
    const done = sum(each, "done");
    const totalMs = each.reduce((total, one) => total + number(one, "averageMs") * number(one, "done"), 0);
    return {
      stage,
      does: textIn(each[0], "does"),
      running: sum(each, "running"),
      waiting: sum(each, "waiting"),
      done,
      failed: sum(each, "failed"),
      averageMs: done > 0 ? totalMs / done : null,
      lastErrors: [
        ...new Set(each.map((one) => one["lastError"]).filter((code) => typeof code === "string")),
      ],
    };
  });
}

export function stageTable(stages: readonly StageFigures[]): string {
  return table(stages, [
    { title: "STAGE", value: ({ stage }) => stage },
    { title: "DOES", value: ({ does }) => does },
    { title: "RUNNING", value: ({ running }) => running },
    { title: "WAITING", value: ({ waiting }) => waiting },
    { title: "DONE", value: ({ done }) => done },
    { title: "FAILED", value: ({ failed }) => failed },
    { title: "AVERAGE", value: ({ averageMs }) => (averageMs === null ? "-" : `${averageMs.toFixed(1)} ms`) },
    { title: "LAST ERROR", value: ({ lastErrors }) => lastErrors.join(", ") },
  ]);
}

/** What somebody on the mesh said: nothing is certain about its fields. */
function listIn(status: Figures): Figures[] {
  const stages = status["stages"];
  return Array.isArray(stages) ? stages.filter((each) => typeof each === "object" && each !== null) : [];
}

function textIn(figures: Figures | undefined, key: string): string {
  const value = figures?.[key];
  return typeof value === "string" ? value : "";
}

function sum(all: readonly Figures[], key: string): number {
  return all.reduce((total, figures) => total + number(figures, key), 0);
}

function number(figures: Figures, key: string): number {
  return Number(figures[key]) || 0;
}
