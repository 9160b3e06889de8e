import type { Finish } from "./ledger.ts";
import type { Call } from "./load.ts";

/** When what a process had just finished could not get out to its caller. Times by {@link machineNow}. */
export interface Outage {
  readonly from: number;
  /** When the process had ended, or everyone was connected again. */
  readonly until: number;
  /** Of the process that was killed; undefined when it was the NATS server. */
  readonly pid: number | undefined;
}

/** What is known when a run is over. */
export interface Run {
  readonly calls: readonly Call[];
  /** None for a drain: nothing that it does excuses work that is done twice. */
  readonly outages: readonly Outage[];
  readonly finished: ReadonlyMap<string, readonly Finish[]>;
}

/** What became of the calls of one run. */
export interface Account {
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
  /** Neither answered nor failed, 5 s after its deadline. */
  readonly hung: number;
  /** Answered, though no node finished the work; or hung. */
  readonly lost: number;
  /** Ended at an attempt after the first. */
  readonly retried: number;
  /** Finished by more than one handler. */
  readonly duplicates: number;
  /** Of those: finished again, though nothing kept the first answer from its caller. */
  readonly unexplained: number;
  /** Milliseconds from a process's death to the answer of each call that was sent to another for it. */
  readonly redispatchMs: readonly number[];
}

/** An answer that was given so long before an outage was out. */
const OUT_MS = 50;

export function accountFor({ calls, outages, finished }: Run): Account {
  const ok = calls.filter(({ outcome }) => outcome === "ok");
  const hung = calls.filter(({ outcome }) => outcome === undefined).length;
  const retried = calls.filter(({ attempt }) => attempt > 1);
  const duplicates = [...finished.values()].filter((finishes) => finishes.length > 1);
  return {
    sent: calls.length,
    ok: ok.length,
    hung,
    failed: calls.length - ok.length - hung,
    lost: hung + ok.filter(({ key }) => !finished.has(key)).length,
    retried: retried.length,
    duplicates: duplicates.length,
    unexplained: duplicates.filter((finishes) => !isExplained(finishes, outages)).length,
    redispatchMs: retried
      .filter(({ outcome }) => outcome === "ok")
      .map((call) => redispatchMs(call, outages)),
  };
}

/** True when all answers but the last had reason not to arrive. */
function isExplained(finishes: readonly Finish[], outages: readonly Outage[]): boolean {
  return finishes
    .slice(0, -1)
    .every((finish) =>
      outages.some(
        ({ from, until, pid }) =>
          (pid === undefined || pid === finish.pid) && finish.at >= from - OUT_MS && finish.at <= until,
      ),
    );
}

/** From the first outage that the call saw; one that was sent to a process just dead counts from its start. */
function redispatchMs({ sentAt, endedAt = NaN }: Call, outages: readonly Outage[]): number {
  const seen = outages.find(({ from }) => from >= sentAt && from <= endedAt);
  return endedAt - (seen?.from ?? sentAt);
}
