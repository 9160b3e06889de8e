import { type Row, type Table, type Target, figure, rounded, target } from "../report.ts";
import { HEADLINE } from "./contenders.ts";
import type { Figures, Half } from "./figures.ts";

/** A fixed limit at one knee. */
export interface Fixed {
  readonly knee: number;
  readonly limit: number;
  readonly rate: number;
}

export function fixedTable(all: readonly Fixed[]): Table {
  return {
    title: "Fixed limits: successes a second",
    head: ["knee", "limit", "rate"],
    body: all.map(({ knee, limit, rate }) => [String(knee), String(limit), figure(rate)]),
  };
}

export function policyTable(all: readonly Figures[]): Table {
  return {
    title: "Policies, beside the best fixed limit for each knee (settled: the second part of a half)",
    head: ["policy", "knee", "whole half", "settled", "found after s", "limit"],
    body: all.flatMap(({ trial, a, b }) => [
      line(`${trial.contender.name} ${a.knee} → ${b.knee}`, a),
      line("", b),
    ]),
  };
}

function line(name: string, { knee, whole, settled, settleS, limit }: Half): string[] {
  return [name, String(knee), figure(whole), figure(settled), figure(settleS), figure(limit)];
}

export function fixedRow({ knee, limit, rate }: Fixed): Row {
  return { measure: "fixed", knee, limit, rate: rounded(rate) };
}

export function policyRow({ trial, a, b }: Figures): Row {
  const { contender, batched, twice, lost } = trial;
  const half = (name: string, { knee, whole, settled, settleS, limit }: Half): Row => ({
    [`knee_${name}`]: knee,
    [`whole_vs_best_fixed_${name}`]: rounded(whole),
    [`vs_best_fixed_${name}`]: rounded(settled),
    [`settle_s_${name}`]: Number.isFinite(settleS) ? rounded(settleS) : null,
    [`limit_${name}`]: limit,
  });
  const { read, failed, outOfOrder, wrong } = batched;
  const counts = { messages: read, failed, twice, lost, wrong, out_of_order: outOfOrder };
  return { policy: contender.name, ...half("a", a), ...half("b", b), ...counts };
}

/** The headline's worst figures over all that were taken; and of everyone that nothing was lost, doubled or mixed up. */
export function targetsOf(all: readonly Figures[]): Target[] {
  const headline = all.filter(({ trial }) => trial.contender.name === HEADLINE);
  const least = (of: (figures: Figures) => number): number => Math.min(...headline.map(of));
  const sum = (of: (trial: Figures["trial"]) => number): number =>
    all.reduce((n, { trial }) => n + of(trial), 0);
  return [
    target(
      "vs_best_fixed_a",
      least(({ a }) => a.settled),
      ">=",
      0.9,
    ),
    target(
      "vs_best_fixed_b",
      least(({ b }) => b.settled),
      ">=",
      0.9,
    ),
    target("settle_s", -least(({ a, b }) => -Math.max(a.settleS, b.settleS)), "<=", 20),
    target(
      "lost",
      sum(({ lost, batched }) => lost + batched.wrong),
      "<=",
      0,
    ),
    target(
      "done_twice",
      sum(({ twice }) => twice),
      "<=",
      0,
    ),
    target(
      "out_of_order",
      sum(({ batched }) => batched.outOfOrder),
      "<=",
      0,
    ),
  ];
}
