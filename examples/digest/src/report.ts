import type { Cluster } from "./cluster.ts";
import type { Digest, Ledger } from "./digest.ts";

export interface Run {
  cluster: Pick<Cluster, "url" | "nats" | "nodes">;
  digests: Digest[];
  passedOver: string[];
  rounds: number;
  ledger: Ledger;
  tookMs: number;
  /** Rounds whose digest of some document was another than the first round's. */
  differing: number;
  killed: { node: string; pid: number; atRequest: number; signal: NodeJS.Signals | null } | undefined;
}

export interface Figures {
  documents: number;
  rounds: number;
  requests: number;
  answered: number;
  failed: Record<string, number>;
  lost: number;
  differing: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  share: Record<string, number>;
  /** Answers that took more than one attempt. */
  sentAgain: number;
  killed: Run["killed"];
}

export function figuresOf({ digests, rounds, ledger, tookMs, differing, killed }: Run): Figures {
  const sorted = ledger.latenciesMs.toSorted((a, b) => a - b);
  const failed = Object.fromEntries(ledger.failed);
  const failures = Object.values(failed).reduce((sum, count) => sum + count, 0);
  return {
    documents: digests.length,
    rounds,
    requests: ledger.sent,
    answered: ledger.answered,
    failed,
    lost: ledger.sent - ledger.answered - failures,
    differing,
    requestsPerSecond: Math.round((ledger.answered / tookMs) * 1_000),
    p50Ms: at(sorted, 0.5),
    p99Ms: at(sorted, 0.99),
    share: Object.fromEntries(ledger.byNode),
    sentAgain: ledger.sentAgain,
    killed,
  };
}

/** True when a node was killed, every request was answered, and every answer was the same as before. */
export function isWhole({ requests, answered, differing, killed }: Figures): boolean {
  return answered === requests && differing === 0 && killed?.signal === "SIGKILL";
}

/** The run as lines for a terminal. */
export function textOf(run: Run, figures: Figures, reportFile: string): string {
  const { cluster, digests, passedOver } = run;
  const width = Math.min(44, Math.max(8, ...digests.map(({ name }) => name.length)));
  const rows = digests.map(
    ({ name, words, keywords }) =>
      `${fit(name, width)}  ${String(words).padStart(6)}  ${fit(keywords.join(", "), 60).trimEnd()}`,
  );
  const { killed, sentAgain } = figures;
  const failures = Object.entries(figures.failed).map(([code, count]) => `${count} ${code}`);
  const shares = cluster.nodes.map(({ name, pid }) => {
    const answers = figures.share[name] ?? 0;
    const percent = figures.answered === 0 ? 0 : (answers / figures.answered) * 100;
    const left = name === killed?.node ? "  (killed half way)" : "";
    return `  ${name}  pid ${pid}  ${String(answers).padStart(6)} answers  ${percent.toFixed(0).padStart(3)} %${left}`;
  });
  return [
    `${"DOCUMENT".padEnd(width)}  ${"WORDS".padStart(6)}  KEYWORDS`,
    ...rows,
    ...(passedOver.length > 0 ? [`passed over (empty, or too large): ${passedOver.join(", ")}`] : []),
    "",
    `${figures.documents} documents, ${figures.rounds} rounds, ${figures.requests} requests to 3 agents in ${cluster.nodes.length} processes`,
    `${figures.requestsPerSecond} requests/s   p50 ${figures.p50Ms} ms   p99 ${figures.p99Ms} ms   nats-server ${cluster.nats}`,
    ...shares,
    "",
    killed === undefined
      ? "No node was killed."
      : `Node ${killed.node} was killed (${killed.signal}) after ${killed.atRequest} requests; the ${sentAgain} that it held, or may have held, were answered by the others.`,
    isWhole(figures)
      ? `Nothing was lost: ${figures.requests} sent, ${figures.answered} answered, 0 failed; every round gave the same digests.`
      : `NOT WHOLE: ${figures.requests} sent, ${figures.answered} answered, ${failures.join(", ") || "0 failed"}, ${figures.lost} lost, ${figures.differing} rounds differ.`,
    "",
    `Summaries: ${reportFile}`,
  ].join("\n");
}

/** The digests as a Markdown page. */
export function markdownOf({ digests }: Run, figures: Figures): string {
  const pages = digests.map(
    ({ name, title, words, summary, keywords }) =>
      `## ${title}\n\n\`${name}\`, ${words} words. Keywords: ${keywords.join(", ") || "none"}.\n\n${summary || "(no text)"}\n`,
  );
  return [
    "# Digest",
    "",
    `${figures.documents} documents. Summaries by LexRank, keywords by RAKE: sentences and phrases of the documents themselves.`,
    "",
    ...pages,
  ].join("\n");
}

function at(sorted: readonly number[], quantile: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0;
  return Math.round(value * 10) / 10;
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
