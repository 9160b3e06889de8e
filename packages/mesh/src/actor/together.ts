import type { Sharing } from "./sharing.ts";

/** Several that share an actor's load, as one. Undefined for none. */
export function together(all: readonly (Sharing | undefined)[]): Sharing | undefined {
  const [first, ...others] = all.filter((each) => each !== undefined);
  const rest = others.length > 0 ? together(others) : undefined;
  return first && rest ? new Both(first, rest) : first;
}

class Both implements Sharing {
  private readonly first: Sharing;
  private readonly second: Sharing;

  constructor(first: Sharing, second: Sharing) {
    this.first = first;
    this.second = second;
  }

  filled(): void {
    this.first.filled();
    this.second.filled();
  }

  freed(): void {
    this.first.freed();
    this.second.freed();
  }

  queued(): void {
    this.first.queued();
    this.second.queued();
  }

  lingered(): void {
    this.first.lingered();
    this.second.lingered();
  }
}
