import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Ran } from "./chaos-agents.ts";

const SCRIPT = fileURLToPath(new URL("./member-worker.ts", import.meta.url));

/** What a member tells its parent. */
export type Told =
  | { type: "ready"; replicas: string[] }
  | { type: "closed" }
  | { type: "hangs" }
  | { type: "cancelled"; at: number }
  /** A question, by its answer or an error's code. */
  | { type: "ended"; outcome: string }
  | ({ type: "ran" } & Ran);

const MEMBER_AGENTS = ["worker", "echo", "producer"];

/**
 * A member of a mesh in an OS process of its own, serving agents of `member-agents.ts` or `chaos-agents.ts`, or those of
 * `supervised-agents.ts` by their role.
 */
export class MemberProcess {
  told: Told[] = [];
  private readonly child: ChildProcess;
  private isKilled = false;

  private constructor(url: string, agents: readonly string[]) {
    this.child = fork(SCRIPT, [url, ...agents], {
      execArgv: ["--conditions=shoal-source", "--expose-gc"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.child.on("message", (message) => this.told.push(message as Told));
  }

  /** Resolves when it serves. */
  static async start(url: string, agents: readonly string[] = MEMBER_AGENTS): Promise<MemberProcess> {
    const member = new MemberProcess(url, agents);
    await member.hears("ready");
    return member;
  }

  get isAlive(): boolean {
    return this.child.connected && !this.isKilled;
  }

  /** Every time that a handler of `chaos-agents.ts` was called here. */
  get runs(): Ran[] {
    return this.told.filter((each) => each.type === "ran");
  }

  forgetRuns(): void {
    this.told = this.told.filter(({ type }) => type !== "ran" && type !== "ended");
  }

  serves(replica: string): boolean {
    return this.replicas.includes(replica);
  }

  get replicas(): string[] {
    return this.told.flatMap((each) => (each.type === "ready" ? each.replicas : []));
  }

  /** Asks it to close its mesh, as a process does that was sent SIGTERM; resolves when it is gone. */
  async close(): Promise<void> {
    if (!this.child.connected) return;
    const gone = once(this.child, "exit");
    this.child.send("close");
    await gone;
  }

  kill(): void {
    this.isKilled = true;
    this.child.kill("SIGKILL");
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** A message of a kind: the next one, or one that has come already. */
  async hears<T extends Told["type"]>(type: T): Promise<Extract<Told, { type: T }>> {
    const find = (): Told | undefined => this.told.find((each) => each.type === type);
    await this.until(() => find() !== undefined, `said "${type}"`);
    return find() as Extract<Told, { type: T }>;
  }

  /** Resolves when handlers have been called so often. */
  hasBegun(count: number): Promise<void> {
    return this.until(() => this.runs.length >= count, `had begun ${count} times`);
  }

  private until(isSo: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!isSo()) return;
        leave();
        resolve();
      };
      const gone = (): void => {
        leave();
        reject(new Error(`the member ended before it ${what}`));
      };
      const leave = (): void => void this.child.off("message", look).off("exit", gone);
      this.child.on("message", look).on("exit", gone);
      look();
    });
  }
}
