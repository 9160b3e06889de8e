import type { RequestRecord } from "@shoal/mesh/client";
import type { Found } from "../trace/records.ts";
import type { Branch } from "../trace/tree.ts";
import { paint, table } from "./output.ts";

type Style = Parameters<typeof paint>[0];

const STYLES: Readonly<Record<string, Style>> = { ok: "green", running: "cyan", waiting: "yellow" };

/** One trace, with all that it led to. @param branches of `treeOf` */
export function traceView(records: readonly Found[], branches: readonly Branch[]): string {
  const nodes = [...new Set(records.map(({ node }) => node))].toSorted();
  const began = Math.min(...records.map(({ at }) => at));
  const head = `trace ${records[0]?.trace}  ${paint("dim", `${clock(began)}  ${nodes.join(", ")}`)}`;
  return [head, ...branches.flatMap((branch) => lines(branch, "", ""))].join("\n");
}

/** @param requests the newest first */
export function requestTable(requests: readonly Found[]): string {
  const rows = requests.filter((each): each is RequestRecord & Found => each.kind === "request");
  return table(rows, [
    { title: "CAME", value: ({ at }) => clock(at) },
    { title: "REQUEST", value: ({ id }) => id },
    { title: "FOR", value: ({ target }) => target },
    { title: "OUTCOME", value: ({ outcome }) => outcome },
    { title: "WAITED", value: ({ waitedMs }) => msText(waitedMs) },
    { title: "RAN", value: ({ ranMs }) => (ranMs === undefined ? "-" : msText(ranMs)) },
    { title: "REPLICA", value: ({ replica }) => replica },
  ]);
}

function lines(branch: Branch, first: string, rest: string): string[] {
  const { under } = branch;
  const below = under.length > 0 ? "│  " : "   ";
  return [
    `${first}${lineOf(branch)}`,
    ...notesOf(branch).map((note) => `${rest}${below}${note}`),
    ...under.flatMap((each, index) => {
      const isLast = index === under.length - 1;
      return lines(each, `${rest}${isLast ? "└─ " : "├─ "}`, `${rest}${isLast ? "   " : "│  "}`);
    }),
  ];
}

function lineOf({ of, before }: Branch): string {
  if (of.kind === "missing")
    return `${of.target}  attempt ${of.attempt}  ${paint("dim", "no node knows more of it")}`;
  const outcome = paint(STYLES[of.outcome] ?? "red", of.outcome);
  if (of.kind === "span") {
    const facts = [msText(of.tookMs), ...tokensIn(of.fields)];
    return [paint("italic", of.name), outcome, ...facts].join("  ");
  }
  const where = of.replica === undefined ? [] : [`at ${of.replica}`];
  const attempt = of.attempt > 1 ? [`attempt ${of.attempt}`] : [];
  if (of.kind === "attempt")
    return [
      paint("bold", of.target),
      outcome,
      ...where,
      ...attempt,
      ...(of.again ? ["sent again"] : []),
    ].join("  ");
  const { waitedMs, ranMs, cache, session, task, movedTo } = of;
  const facts = [
    ...(waitedMs >= 0.1 || ranMs === undefined ? [`waited ${msText(waitedMs)}`] : []),
    ...(ranMs === undefined ? [] : [`ran ${msText(ranMs)}`]),
    ...where,
    ...attempt,
    ...(cache === undefined ? [] : [`cache ${cache}`]),
    ...(session === undefined ? [] : [`session ${session}`]),
    ...(task === undefined ? [] : [`task ${task}`]),
    ...before.map(({ replica, waitedMs }) => `handed over by ${replica} after ${msText(waitedMs)}`),
    ...(movedTo === undefined ? [] : [`handed over to ${movedTo}, which tells nothing of it`]),
  ];
  return [paint("bold", of.target), outcome, ...facts].join("  ");
}

function notesOf({ of, seen }: Branch): string[] {
  const message = of.kind === "missing" ? undefined : of.message;
  return [
    ...(message === undefined ? [] : [paint("dim", message)]),
    ...(seen ? [`${paint("red", seen.outcome)} for its caller: ${paint("dim", seen.message ?? "")}`] : []),
  ];
}

function tokensIn(fields: Readonly<Record<string, unknown>>): string[] {
  const [input, output] = [fields["gen_ai.usage.input_tokens"], fields["gen_ai.usage.output_tokens"]];
  return typeof input === "number" && typeof output === "number" ? [`${input} + ${output} tokens`] : [];
}

/** `0.3 ms`, `12 ms`, `1.5 s` */
function msText(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(ms >= 10_000 ? 0 : 1)} s`;
  return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
}

/** Of this place, as in the log on a terminal. */
function clock(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(11, 23);
}
