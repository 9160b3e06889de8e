import { afterAll, beforeEach, onTestFinished } from "vitest";
import type { Ran } from "./chaos-agents.ts";
import { MemberProcess } from "./member-process.ts";

/** So many processes that serve the same agents. Starting one takes long: only those that a test killed are started anew. */
export class MemberPool {
  /** Those that were there when the test began. */
  members: MemberProcess[] = [];
  private readonly agents: readonly string[];
  private readonly size: number;

  /** @param agents one, or several, with the words that `member-worker.ts` knows beside them */
  constructor(agents: string | readonly string[], size: number) {
    this.agents = [agents].flat();
    this.size = size;
  }

  /** For all tests of a file. */
  static ofFile(agents: string | readonly string[], size: number, url: string): MemberPool {
    const pool = new MemberPool(agents, size);
    beforeEach(() => pool.fill(url));
    afterAll(() => pool.kill());
    return pool;
  }

  /** For one test, which fills it. */
  static ofTest(agents: string | readonly string[], size: number): MemberPool {
    const pool = new MemberPool(agents, size);
    onTestFinished(() => pool.kill());
    return pool;
  }

  async fill(url: string): Promise<void> {
    const left = this.members.filter(({ isAlive }) => isAlive);
    for (const each of left) each.forgetRuns();
    const missing = Array.from({ length: this.size - left.length }, () =>
      MemberProcess.start(url, this.agents),
    );
    this.members = [...left, ...(await Promise.all(missing))];
  }

  kill(): void {
    for (const each of this.members) each.kill();
  }

  /** Every time that a handler was called in this test. */
  get runs(): Ran[] {
    return this.members.flatMap(({ runs }) => runs);
  }

  /** The one whose handler is called first. */
  firstToBegin(): Promise<MemberProcess> {
    return Promise.race(this.members.map((each) => each.hasBegun(1).then(() => each)));
  }

  async allHaveBegun(): Promise<void> {
    await Promise.all(this.members.map((each) => each.hasBegun(1)));
  }
}
