import { MeshError } from "@shoal/mesh";
import { kindOf } from "./failures.ts";
import { NO_USAGE, type Usage, sumOf } from "./usage.ts";

/** What one replica has done since it started, for whoever looks at it. */
export class Figures {
  private calls = 0;
  private usage: Usage = NO_USAGE;
  private readonly failed: Record<string, number> = {};

  /** A model has answered, or has given a part of an answer. */
  count(usage: Usage): void {
    this.calls++;
    this.usage = sumOf(this.usage, usage);
  }

  fail(error: unknown): void {
    const kind = kindOf(error) ?? (error instanceof MeshError ? error.code : "internal");
    this.failed[kind] = (this.failed[kind] ?? 0) + 1;
  }

  toJSON(): Record<string, unknown> {
    return { calls: this.calls, ...this.usage, failed: { ...this.failed } };
  }
}
