import { type Served, toMs } from "@shoal/mesh/client";
import { ExitCode } from "../exit-code.ts";
import { answersOf } from "./answers.ts";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { paint } from "./output.ts";
import { Printer } from "./printer.ts";
import { showTrace, wantedTrace } from "./call-trace.ts";
import { servedNote } from "./served-note.ts";
import { readInput } from "./standard-input.ts";

export interface CallFlags extends ConnectionFlags {
  timeout?: string;
  key?: string;
  session?: string;
  /** What agents are told that ask, in that order. */
  answer?: readonly string[];
  /** Shows the request's way, too. */
  trace?: boolean;
  json?: boolean;
}

export async function call(
  target: string,
  given: string | undefined,
  { timeout, key, session, answer = [], trace = false, json = false, ...connection }: CallFlags,
): Promise<void> {
  const input = await readInput(given);
  await using mesh = await connectFrom(connection);
  const left = new Leaving();
  const printer = new Printer(json);
  const onAsk = answersOf(answer, () => printer.end());
  const traced = trace ? wantedTrace() : undefined;
  let served: Served | undefined;
  try {
    const values = mesh.stream(target, input, {
      typed: true,
      signal: left.signal,
      onServed: (by) => (served = by),
      ...(onAsk ? { onAsk } : {}),
      ...(traced ? { trace: traced } : {}),
      ...(timeout === undefined ? {} : { timeout: toMs(timeout, "--timeout") }),
      ...(session === undefined ? {} : { session }),
      ...(key === undefined ? {} : { idempotencyKey: key }),
    });
    for await (const value of values) await printer.write(value);
  } catch (error) {
    // Whoever left knows it.
    if (left.code === undefined) throw error;
    process.exitCode = left.code;
  } finally {
    if (left.code !== ExitCode.ok) printer.end();
    left[Symbol.dispose]();
    if (traced) await showTrace(mesh, traced.traceId);
  }
  if (served && !json) tell(served);
}

/** On the side: what is printed stays the answer alone. Who reads no terminal is told of degraded answers only. */
function tell(served: Served): void {
  const note = servedNote(served);
  if (note === undefined || !(served.degraded || process.stderr.isTTY)) return;
  process.stderr.write(`${paint("dim", note, process.stderr)}\n`);
}

/** The caller gives up: by Ctrl-C, or because nobody reads what is printed. The request is cancelled on the wire. */
class Leaving implements Disposable {
  /** Undefined while nobody has left. */
  code: ExitCode | undefined;
  private readonly controller = new AbortController();
  private readonly interrupt = (): void => this.leave(ExitCode.interrupted);
  private readonly outputClosed = (error: NodeJS.ErrnoException): void => {
    if (error.code === "EPIPE") this.leave(ExitCode.ok);
  };

  constructor() {
    process.once("SIGINT", this.interrupt).once("SIGTERM", this.interrupt);
    process.stdout.on("error", this.outputClosed);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** From here on a second Ctrl-C ends the process as it ends any other. */
  [Symbol.dispose](): void {
    process.off("SIGINT", this.interrupt).off("SIGTERM", this.interrupt);
  }

  private leave(code: ExitCode): void {
    this.code ??= code;
    this.controller.abort();
  }
}
