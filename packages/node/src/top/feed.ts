import type { MetricsReport } from "@shoal/agents";
import { type Mesh, MeshError } from "@shoal/mesh";
import { wordsOf } from "../process/words.ts";

const AGAIN_MS = 1_000;
const EVERY_MS = 1_000;

export interface FeedListeners {
  readonly onReport: (report: MetricsReport) => void;
  /** It comes again when it can. */
  readonly onLoss: (why: string) => void;
}

/** What the metrics agent tells, again and again: of all agents, or of one with all its methods and replicas. */
export class Feed {
  private readonly mesh: Mesh;
  private readonly target: string;
  private readonly listeners: FeedListeners;
  private current: AbortController | undefined;
  private agent: string | undefined;

  /** @param metrics the name of the metrics agent */
  constructor(mesh: Mesh, metrics: string, listeners: FeedListeners) {
    this.mesh = mesh;
    this.target = `${metrics}.watch`;
    this.listeners = listeners;
  }

  /** From now on it tells of this agent alone; of all with undefined. */
  follow(agent: string | undefined): void {
    if (this.current && agent === this.agent) return;
    this.agent = agent;
    this.current?.abort();
    this.current = new AbortController();
    void this.run(this.current.signal);
  }

  stop(): void {
    this.current?.abort();
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const query = { everyMs: EVERY_MS, ...(this.agent === undefined ? {} : { agent: this.agent }) };
        for await (const report of this.mesh.stream(this.target, query, { signal, timeout: "1h" })) {
          if (signal.aborted) return;
          this.listeners.onReport(report as MetricsReport);
        }
      } catch (error) {
        if (signal.aborted) return;
        const isOver = error instanceof MeshError && error.code === "deadline_exceeded";
        if (!isOver) this.listeners.onLoss(wordsOf(error));
      }
      await new Promise<void>((resolve) => this.mesh.port.clock.after(AGAIN_MS, resolve));
    }
  }
}
