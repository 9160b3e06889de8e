import type { NodeInspection, ReplicaInspection, RequestInspection } from "@shoal/mesh/client";
import { counted } from "../counted.ts";
import { type Column, paint, table } from "./output.ts";
import { plainJson } from "./printer.ts";
import { figuresIn } from "./supervision.ts";
import { timeText } from "./time-text.ts";

/** One node, with all that it hosts. */
export function nodeView(node: NodeInspection, withSubscriptions: boolean): string {
  const { replicas, subscriptions } = node;
  return joined([
    headOf(node),
    replicas.length === 0 ? "It serves nothing." : replicaTable(replicas),
    ...detailsOf(replicas),
    withSubscriptions && subscriptionTable(subscriptions),
  ]);
}

/** One agent, on all nodes that host it. */
export function agentView(agent: string, nodes: readonly NodeInspection[]): string {
  const replicas = nodes.flatMap((node) => node.replicas);
  const versions = [...new Set(replicas.map(({ version }) => version))].join(", ");
  const where = `${counted(replicas.length, "replica")} on ${counted(nodes.length, "node")}`;
  return joined([
    `${paint("bold", agent)} ${versions}  ${where}`,
    replicaTable(replicas),
    ...detailsOf(replicas),
  ]);
}

function headOf({
  node,
  version,
  runtime,
  host,
  pid,
  upMs,
  memory,
  connection,
  subscriptions,
}: NodeInspection): string {
  const facts = [
    `shoal ${version ?? "?"}`,
    `node ${runtime}`,
    `${host}, process ${pid}`,
    `up ${timeText(seconds(upMs))}`,
    `memory ${megabytes(memory.rss)} (heap ${megabytes(memory.heapUsed)})`,
    `NATS ${connection}`,
    // A part of a node has none of its own.
    ...(subscriptions.length > 0 ? [counted(subscriptions.length, "subscription")] : []),
  ];
  return `${paint("bold", node)}\n${facts.join(" · ")}`;
}

function replicaTable(replicas: readonly ReplicaInspection[]): string {
  const hasSessions = replicas.some(({ sessions }) => sessions !== undefined);
  return table(replicas, [
    { title: "REPLICA", value: ({ replica }) => replica },
    { title: "AGENT", value: ({ agent }) => agent },
    { title: "STATE", value: ({ phase }) => phase },
    { title: "RUNNING", value: ({ running, slots }) => `${running}/${slots}` },
    {
      title: "WAITING",
      value: ({ waiting, awaiting, mailbox }) => `${waiting + awaiting}/${mailbox.capacity}`,
    },
    { title: "OLDEST", value: ({ oldestRunning }) => ageOf(oldestRunning) },
    { title: "WAITED", value: ({ oldestWaiting }) => ageOf(oldestWaiting) },
    { title: "RESTARTS", value: ({ restarts }) => restarts },
    ...(hasSessions
      ? [{ title: "SESSIONS", value: ({ sessions }: ReplicaInspection) => sessions ?? "-" }]
      : []),
  ]);
}

function detailsOf(replicas: readonly ReplicaInspection[]): (string | undefined)[] {
  return [
    requestTable("runs now", replicas, ({ oldestRunning }) => oldestRunning),
    requestTable("waits", replicas, ({ oldestWaiting }) => oldestWaiting),
    breakerTable(replicas),
    stateList(replicas),
  ];
}

interface Row extends RequestInspection {
  replica: string;
  agent: string;
}

function requestTable(
  title: string,
  replicas: readonly ReplicaInspection[],
  of: (replica: ReplicaInspection) => readonly RequestInspection[],
): string | undefined {
  const rows: Row[] = replicas
    .flatMap((each) => of(each).map((request) => ({ ...request, replica: each.replica, agent: each.agent })))
    .sort((a, b) => b.ageMs - a.ageMs);
  if (rows.length === 0) return undefined;
  const hasSessions = rows.some(({ session }) => session !== undefined);
  const columns: Column<Row>[] = [
    { title: "AGE", value: ({ ageMs }) => timeText(ageMs) },
    { title: "LEFT", value: ({ remainingMs }) => timeText(remainingMs) },
    { title: "METHOD", value: ({ agent, method }) => `${agent}.${method}` },
    { title: "REQUEST", value: ({ request }) => request },
    { title: "REPLICA", value: ({ replica }) => replica },
    ...(hasSessions ? [{ title: "SESSION", value: ({ session }: Row) => session ?? "-" }] : []),
    { title: "", value: noteOf },
  ];
  return `${paint("bold", title)}, the oldest first\n${table(rows, columns)}`;
}

function noteOf({ hasEnded, isStuck }: Row): string {
  return [hasEnded && "its caller has gone", isStuck && "stuck"].filter(Boolean).join(", ");
}

interface BreakerRow {
  replica: string;
  target: string;
  state: string;
}

/** Supervisors show their targets. */
function breakerTable(replicas: readonly ReplicaInspection[]): string | undefined {
  const rows = replicas.flatMap(({ replica, status = {} }): BreakerRow[] => {
    const targets = Array.isArray(status["targets"]) ? (status["targets"] as unknown[]) : [];
    return targets.flatMap((each) => {
      const { agent, breaker } = figuresIn({ each }, "each");
      return typeof agent === "string" && typeof breaker === "string"
        ? [{ replica, target: agent, state: breaker }]
        : [];
    });
  });
  if (rows.length === 0) return undefined;
  return table(rows, [
    { title: "BREAKER", value: ({ target }) => target },
    { title: "STATE", value: ({ state }) => state },
    { title: "SEEN BY", value: ({ replica }) => replica },
  ]);
}

/** What agents show of themselves; what supervisors do is told above. */
function stateList(replicas: readonly ReplicaInspection[]): string | undefined {
  const lines = replicas.flatMap(({ replica, status }) =>
    status && status["supervisor"] !== true ? [`  ${replica}  ${plainJson(status)}`] : [],
  );
  return lines.length === 0 ? undefined : [paint("bold", "state"), ...lines].join("\n");
}

function subscriptionTable(subscriptions: NodeInspection["subscriptions"]): string {
  return table(
    subscriptions.toSorted((a, b) => a.subject.localeCompare(b.subject)),
    [
      { title: "LISTENS TO", value: ({ subject }) => subject },
      { title: "GROUP", value: ({ queue = "" }) => queue },
    ],
  );
}

function ageOf([oldest]: readonly RequestInspection[]): string {
  return oldest ? timeText(oldest.ageMs) : "-";
}

function joined(parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part): part is string => Boolean(part)).join("\n\n");
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}

/** Whole ones, once there are some. */
function seconds(ms: number): number {
  return ms < 1_000 ? ms : Math.round(ms / 1_000) * 1_000;
}
