import { setTimeout as sleep } from "node:timers/promises";
import type { MeshError, Place } from "@shoal/mesh";
import { ExitCode } from "../exit-code.ts";
import type { Logger } from "../log.ts";
import { presentPlace } from "./origin.ts";
import type { JoinedNode } from "./serve-node.ts";
import { onStopSignals } from "./signals.ts";
import { wordsOf } from "./words.ts";

/**
 * How a node's process ends.
 *
 * X1: the first signal drains, a second one ends it at once; what serves while the rest still starts is drained too.
 * X2: an error that nobody handled, or actors that do not come back, drain it and end it with a code of their own:
 *     it never goes on half dead.
 * X3: it ends in any case, whatever hangs in the drain.
 */

/** What the drain may take beyond its own timeout. Whoever kills a node waits longer. */
export const GRACE_MS = 2_000;
/** A parent that does not listen is not waited for. */
const TELL_MS = 1_000;
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
  private node: JoinedNode | undefined;
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

  get isEnding(): boolean {
    return this.stopping;
  }

  /** From now on there may be work that must be drained. */
  joined(node: JoinedNode): void {
    this.node = node;
  }

  /** All has started. */
  serves(): void {
    this.node?.mesh.onStatus(({ type, detail }) => {
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
    this.end(message, ExitCode.escalated);
  }

  /** Somebody has told this node to leave. */
  drained(): void {
    this.end("told to drain", ExitCode.ok);
  }

  private crash(error: unknown): void {
    const place = presentPlace();
    const why = `unhandled error${inPlace(place)}`;
    if (++this.errors <= TOLD) this.log(why, error, place);
    if (this.stopping) return;
    const whole = `${why}: ${wordsOf(error)}`;
    this.emit("crashed", { why: whole, ...place });
    this.end(whole, ExitCode.crashed);
  }

  private end(why: string, code: ExitCode): void {
    if (this.stopping) return;
    this.stopping = true;
    const { log, drainMs, tell } = this.parts;
    log.debug({ why }, "stopping");
    const failed = code === ExitCode.ok ? ExitCode.failed : code;
    // X3
    setTimeout(() => {
      log.error({}, "the drain does not end: leaving");
      process.exit(failed);
    }, drainMs + GRACE_MS);
    const told = code === ExitCode.ok ? undefined : Promise.race([tell(why), sleep(TELL_MS)]);
    Promise.all([this.node?.stop(), told]).then(
      () => process.exit(code),
      (error: unknown) => {
        log.error({ err: error }, "could not stop in order");
        process.exit(failed);
      },
    );
  }

  /** Somebody's error may throw when it is looked at. */
  private log(why: string, error: unknown, place: Place | undefined): void {
    try {
      this.parts.log.fatal({ err: error, ...place }, why);
    } catch {
      this.parts.log.fatal({ ...place }, `${why}: ${wordsOf(error)}`);
    }
  }

  private emit(kind: string, fields: Readonly<Record<string, unknown>>): void {
    try {
      this.node?.mesh.emit(kind, fields);
    } catch (error) {
      this.parts.log.debug({ err: error }, `the ${kind} event was not sent`);
    }
  }
}

function inPlace(place: Place | undefined): string {
  if (!place) return "";
  return ` in ${place.agent}${place.method === undefined ? "" : `.${place.method}`}`;
}
