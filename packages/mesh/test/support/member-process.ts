import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Role } from "./supervised-agents.ts";

const SCRIPT = fileURLToPath(new URL("./member-worker.ts", import.meta.url));

/** What a member tells its parent. */
export type Told =
  | { type: "ready"; replicas: string[] }
  | { type: "closed" }
  | { type: "hangs" }
  | { type: "cancelled"; at: number };

/**
 * A member of a mesh in an OS process of its own, serving the agents of `member-agents.ts`, or with a role those of
 * `supervised-agents.ts`.
 */
export class MemberProcess {
  readonly told: Told[] = [];
  private readonly child: ChildProcess;

  private constructor(url: string, role: Role | undefined) {
    this.child = fork(SCRIPT, role === undefined ? [url] : [url, role], {
      execArgv: ["--conditions=shoal-source", "--expose-gc"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.child.on("message", (message) => this.told.push(message as Told));
  }

  /** Resolves when it serves. */
  static async start(url: string, role?: Role): Promise<MemberProcess> {
    const member = new MemberProcess(url, role);
    await member.hears("ready");
    return member;
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
    this.child.kill("SIGKILL");
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** A message of a kind: the next one, or one that has come already. */
  hears<T extends Told["type"]>(type: T): Promise<Extract<Told, { type: T }>> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.told.find((each) => each.type === type);
        if (!found) return;
        leave();
        resolve(found as Extract<Told, { type: T }>);
      };
      const gone = (): void => {
        leave();
        reject(new Error(`the member ended before it said "${type}"`));
      };
      const leave = (): void => void this.child.off("message", look).off("exit", gone);
      this.child.on("message", look).on("exit", gone);
      look();
    });
  }
}
