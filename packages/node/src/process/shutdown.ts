import { ExitCode } from "../exit-code.ts";
import type { Logger } from "../log.ts";
import type { EmbeddedNats } from "./embedded-nats.ts";
import type { KeptChild } from "./kept-child.ts";
import { GRACE_MS } from "./life.ts";
import { onStopSignals } from "./signals.ts";

/** What a node may take beyond its own drain timeout before it is killed: it has left by itself by then (X3). */
const KILL_AFTER_MS = GRACE_MS + 2_000;

/** Stops what `shoal up` has started, in the right order: nodes drain, then their NATS goes. */
export class Shutdown {
  readonly nodes: KeptChild[] = [];
  nats: EmbeddedNats | undefined;
  /** Nodes that have left and do not come back. */
  private gone = 0;
  private readonly log: Logger;
  private readonly graceMs: number;
  private stopping = false;

  /** @param drainMs what the nodes may take to finish */
  constructor(log: Logger, drainMs: number) {
    this.log = log;
    this.graceMs = drainMs + KILL_AFTER_MS;
    onStopSignals(
      (signal) => {
        log.info({ signal }, "stopping: work that runs is finished first");
        void this.stop(ExitCode.ok);
      },
      () => this.stopNow(ExitCode.interrupted),
    );
    const crash = (error: unknown): void => {
      log.fatal({ err: error }, "unhandled error");
      if (this.stopping) this.stopNow(ExitCode.failed);
      void this.stop(ExitCode.failed);
    };
    process.on("uncaughtException", crash).on("unhandledRejection", crash);
  }

  async stop(code: ExitCode): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    await Promise.all(this.nodes.map((node) => node.stop("SIGTERM", this.graceMs)));
    await this.nats?.stop();
    if (code === ExitCode.ok) this.log.info({}, "stopped");
    process.exit(code);
  }

  /** A node has left for good. With the last one nothing is left to do, but for NATS, which others may use. */
  left(): void {
    if (++this.gone < this.nodes.length) return;
    if (!this.nats) return void this.stop(ExitCode.ok);
    this.log.warn({ url: this.nats.url }, "no node is left here: NATS goes on until this process is stopped");
  }

  private stopNow(code: ExitCode): never {
    this.log.warn({}, "stopping at once");
    for (const node of this.nodes) node.kill();
    this.nats?.kill();
    process.exit(code);
  }
}
