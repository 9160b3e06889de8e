import type { TaskAttempt, TaskInfo, TaskState } from "@shoal/mesh/client";
import { paint, table } from "./output.ts";
import { plainJson } from "./printer.ts";
import { agoText, timeText } from "./time-text.ts";

type Style = Parameters<typeof paint>[0];

const STYLES: Readonly<Record<TaskState, Style>> = {
  queued: "dim",
  running: "cyan",
  retrying: "yellow",
  done: "green",
  dead: "red",
  cancelled: "dim",
  expired: "dim",
};

/** @param now milliseconds since 1970 */
export function taskTable(tasks: readonly TaskInfo[], now: number): string {
  return table(tasks, [
    { title: "TASK", value: ({ id }) => id },
    { title: "FOR", value: targetText },
    { title: "STATE", value: ({ state }) => state },
    { title: "SUBMITTED", value: ({ queuedAt }) => agoText(now - queuedAt) },
    { title: "ATTEMPTS", value: ({ attempts }) => attempts.length },
    { title: "TAGS", value: ({ tags }) => tags.join(",") },
    { title: "ERROR", value: ({ error }) => (error ? `${error.error}: ${error.message}`.slice(0, 60) : "") },
  ]);
}

/** @param now milliseconds since 1970 */
export function taskView(info: TaskInfo, now: number): string {
  const { id, state, queuedAt, endedAt, tags, attempts, progress, error } = info;
  const lines = [
    `${paint("bold", id)}  ${targetText(info)}  ${paint(STYLES[state], state)}`,
    `submitted  ${agoText(now - queuedAt)}`,
  ];
  if (endedAt !== undefined) lines.push(`ended      ${agoText(now - endedAt)}`);
  if (tags.length > 0) lines.push(`tags       ${tags.join(", ")}`);
  if (progress !== undefined) lines.push(`progress   ${plainJson(progress)}`);
  if (error) lines.push(`error      ${error.error}: ${error.message}`);
  if (attempts.length > 0) lines.push("", attemptTable(attempts, now));
  return lines.join("\n");
}

function targetText({ agent, method }: Pick<TaskInfo, "agent" | "method">): string {
  return method === undefined ? agent : `${agent}.${method}`;
}

function attemptTable(attempts: readonly TaskAttempt[], now: number): string {
  return table(
    attempts.map((attempt, at) => ({ ...attempt, number: at + 1 })),
    [
      { title: "ATTEMPT", value: ({ number }) => number },
      { title: "REPLICA", value: ({ replica }) => replica },
      { title: "BEGUN", value: ({ at }) => agoText(now - at) },
      { title: "TOOK", value: ({ tookMs }) => (tookMs === undefined ? "-" : timeText(Math.round(tookMs))) },
      { title: "ERROR", value: ({ error }) => (error ? `${error.error}: ${error.message}` : "") },
    ],
  );
}
