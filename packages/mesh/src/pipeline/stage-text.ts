import { type Stage, allOf } from "./stage.ts";

/** What a stage does, as people read it: `summarizer.summarize`, or its kind. */
export function stageText({ work }: Stage): string {
  if (work.kind === "method") return nameOf(work);
  return work.kind === "pipeline" ? work.name : work.kind;
}

/** Stages in their order: `read`, `valid?`, `insight(summary | keywords)`, `count*`. */
export function outline(stages: readonly Stage[]): string[] {
  return stages.map((stage) => {
    const { work, path } = stage;
    const name = path.slice(path.lastIndexOf("/") + 1);
    switch (work.kind) {
      case "gate":
        return `${name}?`;
      case "map":
        return `${name}*`;
      case "branch":
      case "parallel":
        return `${name}(${[...work.arms.keys()].join(" | ")})`;
      case "pipeline":
        return `${name}(${outline(work.stages).join(" → ")})`;
      case "method":
      case "function":
        return name;
    }
  });
}

/** The agents that stages ask, each once. */
export function asked(stages: readonly Stage[]): string[] {
  const agents = allOf(stages).flatMap(({ work }) => (work.kind === "method" ? [work.agent] : []));
  return [...new Set(agents)];
}

function nameOf({ agent, method }: { agent: string; method: string | undefined }): string {
  return method === undefined ? agent : `${agent}.${method}`;
}
