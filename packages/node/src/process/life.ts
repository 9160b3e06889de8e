import type { MeshError, Place } from "@shoal/mesh";
import { ExitCode } from "../exit-code.ts";
import type { Logger } from "../log.ts";
import { presentPlace } from "./origin.ts";
import type { RunningNode } from "./serve-node.ts";
import { onStopSignals } from "./signals.ts";

/**
 * How a node's process ends.
 *
 * X1: the first signal drains, a second one ends it at once.
 * X2: an error that nobody handled, or actors that do not come back, drain it and end it with a code of their own:
 *     it never goes on half dead.
 * X3: it ends in any case, whatever hangs in the drain.
 */

/** What the drain may take beyond its own timeout. */
const GRACE_MS = 5_000;
/** Of further errors while it drains, so many are told. */
const TOLD = 10;

export interface LifeParts {
  readonly log: Logger;
  readonly drainMs: number;
  /** Tells the process that started this one why it ends. Never rejects. */
  readonly tell: (why: string) => Promise<void>;
}

export class Life {
  private readonly parts: LifeParts;
  private running: RunningNode | undefined;
  private stopping = false;
  private errors = 0;

  constructor(parts: LifeParts) {
    this.parts = parts;
    onStopSignals(
      (signal) => this.end(signal, ExitCode.ok),
      () => {
        // A process manager may signal the whole group, and the parent passes its own signal on: that is one wish to
        // stop and not two. A parent that does not want to wait kills.
        if (process.send) return;
        parts.log.warn({}, "stopping at once");
        process.exit(ExitCode.interrupted);
      },
    );
    // Without the process that started it, a node would run on unseen.
    process.on("disconnect", () => this.end("the parent process has gone", ExitCode.ok));
    const crash = (error: unknown): void => this.crash(error);
    process.on("uncaughtException", crash).on("unhandledRejection", crash);
  }

  began(running: RunningNode): void {
    this.running = running;
    running.mesh.onStatus(({ type, detail }) => {
      if (type !== "closed" || this.stopping) return;
      this.parts.log.fatal({}, `the connection to NATS is closed for good: ${detail}`);
      process.exit(ExitCode.unavailable);
    });
  }

  /** X2 */
  escalated({ message }: MeshError): void {
    if (this.stopping) return;
    this.parts.log.fatal({}, `this node drains and ends: ${message}`);
    this.emit("escalated", { why: message });
    void this.parts.tell(message).then(() => this.end(message, ExitCode.escalated));
  }

  private crash(error: unknown): void {
    const place = presentPlace();
    if (++this.errors <= TOLD)
      this.parts.log.fatal({ err: error, ...place }, `unhandled error${inPlace(place)}`);
    if (this.errors > 1 || this.stopping) return;
    const why = `unhandled error${inPlace(place)}: ${error instanceof Error ? error.message : String(error)}`;
    this.emit("crashed", { why, ...place });
    void this.parts.tell(why).then(() => this.end(why, ExitCode.crashed));
  }

  private end(why: string, code: ExitCode): void {
    if (this.stopping) return;
    this.stopping = true;
    this.parts.log.debug({ why }, "stopping");
    if (!this.running) process.exit(code);
    // X3
    setTimeout(() => {
      this.parts.log.error({}, "the drain does not end: leaving");
      process.exit(code === ExitCode.ok ? ExitCode.failed : code);
    }, this.parts.drainMs + GRACE_MS);
    this.running.stop().then(
      () => process.exit(code),
      (error: unknown) => {
        this.parts.log.error({ err: error }, "could not stop in order");
        process.exit(code === ExitCode.ok ? ExitCode.failed : code);
      },
    );
  }

  private emit(kind: string, fields: Readonly<Record<string, unknown>>): void {
    try {
      this.running?.mesh.emit(kind, fields);
    } catch (error) {
      this.parts.log.debug({ err: error }, `the ${kind} event was not sent`);
    }
  }
}

function inPlace(place: Place | undefined): string {
  if (!place) return "";
  return ` in ${place.agent}${place.method === undefined ? "" : `.${place.method}`}`;
}
