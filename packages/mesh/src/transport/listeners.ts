import { messageOf } from "../errors.ts";
import type { StatusEvent } from "./transport.ts";

/** Who wants to hear of a connection. A listener that throws harms nobody: the others hear it all the same. */
export class Listeners {
  private readonly all = new Set<(event: StatusEvent) => void>();

  add(listener: (event: StatusEvent) => void): () => void {
    this.all.add(listener);
    return () => this.all.delete(listener);
  }

  emit(event: StatusEvent): void {
    for (const listener of this.all) {
      try {
        listener(event);
      } catch (error) {
        process.emitWarning(`a listener of the connection's status failed: ${messageOf(error)}`);
      }
    }
  }
}
