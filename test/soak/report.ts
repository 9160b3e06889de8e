import { figure, renderTable } from "../../bench/src/report.ts";
import type { Course } from "./samples.ts";
import type { Outcome, Progress } from "./soak.ts";

const MIB = 1_048_576;
const BYTES: ReadonlySet<string> = new Set(["rss", "heap", "stored"]);

/** One line of how it stands. */
export function progressLine({ elapsedMs, sent, waiting, faults, fault, problems }: Progress): string {
  const seconds = Math.round(elapsedMs / 1_000);
  const now = fault === undefined ? "" : ` (${fault})`;
  return `${seconds} s: ${sent} sent, ${waiting} under way, ${faults} faults${now}, ${problems.length} problems`;
}

/** Everything that a person wants to know of it. */
export function report(outcome: Outcome): string {
  const { seed, seconds, problems } = outcome;
  const verdict =
    problems.length === 0
      ? `Everything held, in ${seconds} s with seed ${seed}.`
      : [
          `${problems.length} things did not hold, with seed ${seed}:`,
          ...problems.map((each) => `- ${each}`),
        ].join("\n");
  return [requests(outcome), accounts(outcome), faults(outcome), courses(outcome.courses), verdict].join(
    "\n\n",
  );
}

function requests({ tallies }: Outcome): string {
  const names = [...new Set(Object.values(tallies).flatMap(({ outcomes }) => Object.keys(outcomes)))];
  const columns = ["ok", ...names.filter((name) => name !== "ok").toSorted()];
  return renderTable({
    title: "Requests, as their callers know them",
    head: ["method", ...columns],
    body: Object.entries(tallies)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([target, { outcomes }]) => [target, ...columns.map((name) => figure(outcomes[name]))]),
  });
}

function accounts({ lines }: Outcome): string {
  return renderTable({
    title: "The same, as their callers and the mesh have counted them",
    head: ["method", "sent", "attempts", "answered", "counted"],
    body: lines
      .toSorted((a, b) => a.target.localeCompare(b.target))
      .map(({ target, ...counts }) => [
        target,
        ...[counts.sent, counts.attempts, counts.answered, counts.counted].map((count) => figure(count)),
      ]),
  });
}

function faults({ faults: counts }: Outcome): string {
  return renderTable({
    title: "Faults",
    head: ["", ...Object.keys(counts)],
    body: [["times", ...Object.values(counts).map(String)]],
  });
}

function courses(all: readonly Course[]): string {
  return renderTable({
    title: "What processes have while they work, after warming up; bytes in MiB",
    head: ["process", "", "first", "last", "most", "per hour"],
    body: all.map(({ who, what, first, last, most, perHour }) => [
      who,
      what,
      ...[first, last, most, perHour ?? NaN].map((value) => figure(BYTES.has(what) ? value / MIB : value)),
    ]),
  });
}
