import { estimateBar } from "../plot/estimate-bar.ts";
import type { Bar, Plot } from "../plot/plot.ts";
import { QUEUE_PARTS, type QueuePart } from "./part.ts";
import { linesOf, ratioOf, type Line } from "./report.ts";
import type { Results } from "./results.ts";
import { field } from "./contender-name.ts";
import { TARGETS, type Setting } from "./settings.ts";

/** For each part that was measured: how near everyone comes to the ideal queue, by load. */
export function plots(results: Results, settingOf: (part: QueuePart) => Setting): Plot[] {
  return QUEUE_PARTS.flatMap((part) => {
    const byLoad = Map.groupBy(linesOf(results, part), ({ cell }) => cell.percent);
    if (byLoad.size === 0) return [];
    return [
      {
        kind: "bars",
        name: part,
        title: `p99 of latency, as a multiple of the ideal queue's: ${settingOf(part).title}`,
        subtitle: "Median of the rounds, with its 95 % interval where there are several; shorter is better",
        axis: "× ideal",
        unit: "×",
        reference: { value: 1, label: "ideal" },
        groups: [...byLoad].map(([percent, lines]) => ({
          title: `${percent} % load`,
          bars: lines.map(barOf),
        })),
      },
    ];
  });
}

function barOf({ cell, name, trials }: Line): Bar {
  const label = field[name].title;
  const found = ratioOf(trials);
  const bar = trials.length > 1 ? estimateBar(label, found) : { label, value: found.median };
  if (name !== "shoal") return bar;
  const wanted = TARGETS.find(({ part, percent }) => part === cell.part && percent === cell.percent)?.most;
  return { ...bar, role: "ours", ...(wanted === undefined ? {} : { wanted }) };
}
