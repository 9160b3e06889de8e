import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A handler that came to its end. */
export interface Finish {
  readonly pid: number;
  /** By {@link machineNow}. */
  readonly at: number;
}

/** What the nodes have really done: written by them, read when they are gone. */
export class Ledger implements Disposable {
  readonly file: string;
  private readonly folder: string = mkdtempSync(join(tmpdir(), "shoal-failover-"));

  constructor() {
    this.file = join(this.folder, "ledger");
    writeFileSync(this.file, "");
  }

  /** Everyone who finished the work of each key, the first first. */
  read(): Map<string, Finish[]> {
    const byKey = new Map<string, Finish[]>();
    for (const line of readFileSync(this.file, "utf8").split("\n").filter(Boolean)) {
      const [key = "", pid, at] = line.split(" ");
      byKey.set(key, [...(byKey.get(key) ?? []), { pid: Number(pid), at: Number(at) }]);
    }
    for (const finishes of byKey.values()) finishes.sort((a, b) => a.at - b.at);
    return byKey;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A line of it. */
export function lineOf(key: string, { pid, at }: Finish): string {
  return `${key} ${pid} ${at}\n`;
}
