import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the nodes have really done, by key: written by them, read when they are gone. */
export class Ledger implements Disposable {
  readonly file: string;
  private readonly folder: string = mkdtempSync(join(tmpdir(), "shoal-failover-"));

  constructor() {
    this.file = join(this.folder, "ledger");
    writeFileSync(this.file, "");
  }

  /** Pids that began the work of each key. */
  begun(): Map<string, number[]> {
    return this.read("start");
  }

  /** Pids that finished it. */
  finished(): Map<string, number[]> {
    return this.read("end");
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private read(event: string): Map<string, number[]> {
    const byKey = new Map<string, number[]>();
    for (const line of readFileSync(this.file, "utf8").split("\n")) {
      const [what, key = "", pid] = line.split(" ");
      if (what === event) byKey.set(key, [...(byKey.get(key) ?? []), Number(pid)]);
    }
    return byKey;
  }
}
