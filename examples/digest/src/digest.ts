import { keywords, reader, summarizer } from "@shoal/agents";
import { type MeshClient, MeshError, type Served } from "@shoal/mesh";
import type { Source } from "./corpus.ts";

/** What the agents made of a document. */
export interface Digest {
  name: string;
  title: string;
  words: number;
  summary: string;
  keywords: string[];
}

/** What happened to every request that was sent. */
export interface Ledger {
  sent: number;
  answered: number;
  /** By error code. */
  failed: Map<string, number>;
  /** Answers by the process that gave them; who has not answered for the longest comes first. */
  byNode: Map<string, number>;
  /** Answers that took more than one attempt: whoever held the request, or may have, was lost. */
  sentAgain: number;
  latenciesMs: number[];
}

export function newLedger(): Ledger {
  return { sent: 0, answered: 0, failed: new Map(), byNode: new Map(), sentAgain: 0, latenciesMs: [] };
}

/** Digests documents over a mesh, and keeps account of every request. */
export class Digester {
  private readonly ledger: Ledger;
  private readonly agents;

  constructor(mesh: MeshClient, ledger: Ledger) {
    this.ledger = ledger;
    this.agents = {
      reader: mesh.agent(reader),
      summarizer: mesh.agent(summarizer),
      keywords: mesh.agent(keywords),
    };
  }

  /** Three requests: the reader first, then the summary and the keywords side by side. */
  async digest({ name, format, text: source }: Source): Promise<Digest> {
    const { reader: read, summarizer: summary, keywords: key } = this.agents;
    const document = await this.counted((options) => read.read({ source, format }, options));
    const text = document.text || source;
    const [summarized, extracted] = await Promise.all([
      this.counted((options) => summary.summarize({ text, sentences: 2 }, options)),
      this.counted((options) =>
        key.extract({ text: [...document.headings, text].join("\n\n"), limit: 5 }, options),
      ),
    ]);
    return {
      name,
      title: document.title ?? name,
      words: document.words,
      summary: summarized.summary,
      keywords: extracted.keywords.map(({ phrase }) => phrase),
    };
  }

  private async counted<T>(
    request: (options: { onServed: (served: Served) => void }) => Promise<T>,
  ): Promise<T> {
    const { ledger } = this;
    const from = performance.now();
    ledger.sent++;
    try {
      const answer = await request({
        onServed: ({ replica, attempt }) => {
          countLast(ledger.byNode, nodeOf(replica));
          if (attempt > 1) ledger.sentAgain++;
        },
      });
      ledger.answered++;
      ledger.latenciesMs.push(performance.now() - from);
      return answer;
    } catch (error) {
      count(ledger.failed, error instanceof MeshError ? error.code : "internal");
      throw error;
    }
  }
}

/** A replica's id begins with its node's name. */
function nodeOf(replica: string | undefined): string {
  return replica?.slice(0, replica.lastIndexOf("-")) ?? "unknown";
}

function countLast(counts: Map<string, number>, key: string): void {
  const before = counts.get(key) ?? 0;
  counts.delete(key);
  counts.set(key, before + 1);
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
