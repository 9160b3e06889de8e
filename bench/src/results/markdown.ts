import type { Plot } from "../plot/plot.ts";
import { figure, verdict, wantedText, type Table } from "../report.ts";
import type { Commit, Recorded } from "./record.ts";

/**
 * The page of results: what was wanted and what came out, then each benchmark with its pictures and tables.
 * @param remarks what people wrote of a benchmark's figures, by its name: why a target is missed, for instance
 */
export function renderResults(records: readonly Recorded[], remarks: ReadonlyMap<string, string>): string {
  const sections = records.map((record) => section(record, remarks.get(record.bench) ?? ""));
  return `${[HEAD, overview(records), targets(records), ...sections].join("\n\n")}\n`;
}

/** The name of a picture's file. */
export function pictureOf({ bench }: Pick<Recorded, "bench">, { name }: Plot): string {
  return `${bench}-${name}.svg`;
}

const HEAD = `# Results

Written by \`npm run bench\`; changes by hand are lost, remarks belong into \`results/NAME.md\`. What is compared ran in one run
on one machine, in turn, in a new order each round. A ratio is the median of the ratios within each round, with its 95 %
interval where one is shown: an interval that holds 1 is a tie. How each benchmark works is told in [README.md](README.md).`;

function overview(records: readonly Recorded[]): string {
  return tableOf({
    title: "",
    head: ["benchmark", "targets met", "commit", "begun (UTC)", "machine"],
    body: records.map((record) => [
      `[${record.bench}](#${record.bench})`,
      `${record.targets.filter(({ ok }) => ok).length} of ${record.targets.length}`,
      commitText(record.commit),
      dateText(record.date),
      record.machine.quiet ? "quiet" : "not quiet",
    ]),
  });
}

function targets(records: readonly Recorded[]): string {
  const body = records.flatMap(({ bench, targets: all }) =>
    all.map((each) => [
      `${bench}: \`${each.name}\``,
      figure(each.value),
      wantedText(each),
      each.ok ? verdict(each) : `**${verdict(each)}**`,
    ]),
  );
  const table = tableOf({ title: "", head: ["target", "value", "wanted", "met"], body });
  return `## Targets\n\n${table}`;
}

function section(record: Recorded, remarks: string): string {
  const { bench, command, date, commit, machine, versions, plots = [], tables, notes } = record;
  const about = [
    `\`${command}\``,
    `Commit ${commitText(commit)}, begun ${dateText(date)} UTC`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB, ${machine.os}`,
    Object.entries(versions)
      .map((entry) => entry.join(" "))
      .join(", "),
    ...(machine.warning === null ? [] : [`**Not quiet:** ${machine.warning}. Rates are an indication.`]),
  ];
  return [
    `## ${bench}`,
    about.map((line) => `- ${line}`).join("\n"),
    ...(remarks === "" ? [] : [remarks]),
    ...plots.map((plot) => `![${escapeMarkdown(plot.title)}](results/${pictureOf(record, plot)})`),
    ...tables.map((table) => `### ${table.title}\n\n${tableOf(table)}`),
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join("\n")] : []),
  ].join("\n\n");
}

function tableOf({ head, body }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  const rule = `|${head.map((_, column) => (column === 0 ? " --- " : " ---: ")).join("|")}|`;
  return [line(head), rule, ...body.map((cells) => line(head.map((_, column) => cells[column] ?? "")))].join(
    "\n",
  );
}

function commitText({ hash, changed }: Commit): string {
  return `${hash ?? "unknown"}${changed ? ", changed" : ""}`;
}

function dateText(date: string): string {
  return date.slice(0, 16).replace("T", " ");
}

/** What would end a cell or a picture's text. */
function escapeMarkdown(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
