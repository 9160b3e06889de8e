import { fstatSync } from "node:fs";
import { text } from "node:stream/consumers";
import { toMs } from "@shoal/mesh/client";
import { type ConnectionFlags, connectFrom } from "./connection.ts";

export interface CallFlags extends ConnectionFlags {
  timeout?: string;
  key?: string;
  json?: boolean;
}

export async function call(
  target: string,
  input: string | undefined,
  { timeout, key, json = false, ...connection }: CallFlags,
): Promise<void> {
  const payload =
    input === "-" || (input === undefined && stdinHasData()) ? await text(process.stdin) : (input ?? "");
  await using mesh = await connectFrom(connection);
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    const values = mesh.stream(target, payload, {
      typed: true,
      signal: interrupt.signal,
      ...(timeout === undefined ? {} : { timeout: toMs(timeout, "--timeout") }),
      ...(key === undefined ? {} : { idempotencyKey: key }),
    });
    const printer = new Printer(json);
    for await (const value of values) await printer.write(value);
    printer.end();
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

/** A pipe or a file: a terminal, or nothing at all, is not waited for. */
function stdinHasData(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}

/** Text as it comes, a line for anything else, raw bytes untouched. */
class Printer {
  private readonly json: boolean;
  private midLine = false;

  constructor(json: boolean) {
    this.json = json;
  }

  /** Resolves when a slow reader of our output has caught up. */
  async write(value: unknown): Promise<void> {
    const chunk = this.format(value);
    this.midLine = typeof chunk === "string" ? !chunk.endsWith("\n") && chunk.length > 0 : false;
    if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once("drain", resolve));
  }

  end(): void {
    if (this.midLine) process.stdout.write("\n");
  }

  private format(value: unknown): string | Uint8Array {
    if (this.json) return `${JSON.stringify(value ?? null, bytesAsBase64)}\n`;
    if (value === undefined) return "";
    if (typeof value === "string" || value instanceof Uint8Array) return value;
    return `${this.midLine ? "\n" : ""}${JSON.stringify(value, bytesAsBase64, process.stdout.isTTY ? 2 : 0)}\n`;
  }
}

function bytesAsBase64(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString("base64");
  return typeof value === "bigint" ? String(value) : value;
}
