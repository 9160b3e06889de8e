import { MeshError } from "../../src/errors.ts";
import type { Child } from "../../src/supervision/child.ts";

/** A child that writes down what is done with it. */
export class FakeChild implements Child {
  readonly name: string;
  /** Beginnings that fail, from now on. */
  failures = 0;
  /** Beginnings wait for it. */
  gate: Promise<unknown> | undefined;
  private readonly diary: string[];

  constructor(name: string, diary: string[]) {
    this.name = name;
    this.diary = diary;
  }

  async start(): Promise<void> {
    await this.begin("start");
  }

  hold(): void {
    this.diary.push(`hold ${this.name}`);
  }

  async halt(): Promise<void> {
    this.diary.push(`halt ${this.name}`);
  }

  async revive(): Promise<void> {
    await this.begin("revive");
  }

  async retire(): Promise<void> {
    this.diary.push(`retire ${this.name}`);
  }

  private async begin(how: string): Promise<void> {
    this.diary.push(`${how} ${this.name}`);
    await this.gate;
    if (this.failures-- > 0) throw new MeshError("unavailable", `${this.name} does not start`);
  }
}
