/** Prints values as they come: text as it is, a line for anything else, raw bytes untouched. */
export class Printer {
  private readonly json: boolean;
  private readonly out: NodeJS.WriteStream;
  private midLine = false;

  /** @param json one JSON line for each value */
  constructor(json: boolean, out: NodeJS.WriteStream = process.stdout) {
    this.json = json;
    this.out = out;
  }

  /** Resolves when a slow reader has caught up, or has gone. */
  async write(value: unknown): Promise<void> {
    const chunk = this.format(value);
    if (chunk.length === 0) return;
    this.midLine = typeof chunk === "string" && !chunk.endsWith("\n");
    if (this.out.write(chunk)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.out.off("drain", done).off("close", done);
        resolve();
      };
      this.out.on("drain", done).on("close", done);
    });
  }

  end(): void {
    if (this.midLine) this.out.write("\n");
    this.midLine = false;
  }

  private format(value: unknown): string | Uint8Array {
    if (this.json) return `${plainJson(value ?? null)}\n`;
    if (value === undefined) return "";
    if (typeof value === "string" || value instanceof Uint8Array) return value;
    return `${this.midLine ? "\n" : ""}${plainJson(value, this.out.isTTY ? 2 : 0)}\n`;
  }
}

/** JSON of any value that an agent takes or gives. */
export function plainJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, plain, indent);
}

/** Bytes as base64, a bigint as its digits. */
function plain(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString("base64");
  return typeof value === "bigint" ? String(value) : value;
}
