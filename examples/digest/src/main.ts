/**
 * Digests a folder of documents with three agents in three processes over a real NATS, and kills one of the processes
 * half way: `npm run demo`, `npm run demo -- ~/notes`, `npm run demo -- --json`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { connect } from "@shoal/mesh/client";
import { type Cluster, startCluster } from "./cluster.ts";
import { type Source, readCorpus } from "./corpus.ts";
import { type Digest, Digester, type Ledger, newLedger } from "./digest.ts";
import { Progress } from "./progress.ts";
import { type Run, figuresOf, isWhole, markdownOf, textOf } from "./report.ts";

const PROCESSES = 3;
/** Documents under way at once. */
const WINDOW = 24;
/** Requests that a run should have at least, so that its figures say something. */
const ENOUGH_REQUESTS = 3_000;
const OWN_DOCS = fileURLToPath(new URL("../../..", import.meta.url));

const USAGE = `Usage: npm run demo -- [PATH] [--rounds N] [--report FILE] [--json]

Digests the text and Markdown files below PATH (default: this project's own docs).

  --rounds N     digest every document N times (default: enough for ${ENOUGH_REQUESTS} requests)
  --report FILE  where the Markdown report goes (default: .shoal/digest.md)
  --json         one line of figures instead of the table
  --model        talk to a language model on this machine instead
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      report: { type: "string", default: ".shoal/digest.md" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const corpus = await readCorpus(positionals[0] ?? OWN_DOCS);
  const rounds = Number(values.rounds ?? Math.ceil(ENOUGH_REQUESTS / (3 * corpus.documents.length)));
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds} is not a whole number above 0`);

  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  say(`starting nats-server and ${PROCESSES} node processes`);
  await using cluster = await startCluster(PROCESSES, say);
  const run = await digestAll(cluster, corpus, rounds);
  const figures = figuresOf(run);

  const reportFile = resolve(values.report);
  mkdirSync(dirname(reportFile), { recursive: true });
  writeFileSync(reportFile, markdownOf(run, figures));
  if (values.json) process.stdout.write(`${JSON.stringify({ ...figures, report: reportFile })}\n`);
  else process.stdout.write(`\n${textOf(run, figures, relative(process.cwd(), reportFile))}\n${tryNext()}`);
  return isWhole(figures) ? 0 : 1;
}

async function digestAll(
  cluster: Cluster,
  { documents, passedOver }: { documents: Source[]; passedOver: string[] },
  rounds: number,
): Promise<Run> {
  await using mesh = await connect({ servers: cluster.url });
  const ledger = newLedger();
  const digester = new Digester(mesh, ledger);
  const queue = Array.from({ length: rounds }, () => documents).flat();
  const progress = new Progress(queue.length);
  const first = new Map<string, Digest>();
  const differing = new Set<number>();
  let killed: Promise<Run["killed"]> | undefined;
  let next = 0;
  let done = 0;

  const from = performance.now();
  const worker = async (): Promise<void> => {
    for (let index = next++; index < queue.length; index = next++) {
      const source = queue[index];
      if (!source) break;
      const digest = await digester.digest(source).catch(() => undefined);
      const known = first.get(source.name);
      if (digest && !known) first.set(source.name, digest);
      if (!digest || (known && JSON.stringify(known) !== JSON.stringify(digest))) {
        differing.add(Math.floor(index / documents.length));
      }
      progress.update(++done);
      if (done >= queue.length / 2) killed ??= killBusiest(cluster, ledger, progress);
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, worker));
  const tookMs = performance.now() - from;
  progress.end();
  return {
    cluster,
    passedOver,
    rounds,
    ledger,
    tookMs,
    digests: documents.flatMap(({ name }) => first.get(name) ?? []),
    differing: differing.size,
    killed: await killed,
  };
}

/** Kills the node that has been silent for the longest. */
async function killBusiest(
  { nodes }: Cluster,
  { byNode, sent: atRequest }: Ledger,
  progress: Progress,
): Promise<Run["killed"]> {
  const [silent] = byNode.keys();
  const victim = nodes.find(({ name }) => name === silent);
  if (!victim) return undefined;
  progress.say(`SIGKILL to node ${victim.name}`);
  return { node: victim.name, pid: victim.pid, atRequest, signal: await victim.kill() };
}

function tryNext(): string {
  return `
Try it yourself. In one terminal:   npm run shoal -- up
In another (no nats CLI? \`npm run nats -- req …\` gets it):
  nats req mesh.echo "hello"
  nats req mesh.summarizer.summarize "$(cat README.md)"
  nats micro ls
`;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
