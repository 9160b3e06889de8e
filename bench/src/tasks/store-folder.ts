import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for JetStream's files, gone when the benchmark is over. */
export class StoreFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "shoal-tasks-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
