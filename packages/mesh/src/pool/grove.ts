import { MeshError } from "../errors.ts";
import type { Branch } from "../supervision/branch.ts";
import type { Tree } from "../supervision/tree.ts";
import { within } from "../within.ts";
import { type GrowParts, type Leaf, grow } from "./grow.ts";
import type { Hosted } from "./hosted.ts";
import { type Hosting, hostingOf } from "./hosting.ts";
import type { Replica } from "./replica.ts";

/** What actors that are given up may take to stop before somebody is told. */
const GIVE_UP_MS = 5_000;

export interface GroveParts extends GrowParts {
  readonly hosted: Hosted;
  /** Told when restarting does not help any more: what was supervised together is stopped by then. */
  readonly onEscalation: ((error: MeshError) => void) | undefined;
}

/** The supervision trees of a process, an agent that is served alone being the smallest. */
export class Grove {
  private readonly parts: GroveParts;
  private readonly branches = new Set<Branch>();
  /** Trees of which the last one has not started yet. */
  private readonly starting = new Set<readonly Replica[]>();
  /** Replicas that finish their work now, whoever asked them to. */
  private readonly leaving = new Set<Promise<void>>();
  private isClosed = false;

  constructor(parts: GroveParts) {
    this.parts = parts;
  }

  /**
   * Resolves when requests are routed to all replicas of a tree, with them in the order in which they were started.
   * @throws MeshError when one does not start: those before it are stopped again
   */
  async plant(tree: Tree): Promise<Hosting[]> {
    if (this.isClosed) throw closing(tree);
    const { branch, leaves } = grow(tree, this.parts, (failed, error) => void this.giveUp(failed, error));
    const family = leaves.map(({ replica }) => replica);
    this.starting.add(family);
    try {
      await branch.start();
    } catch (error) {
      this.starting.delete(family);
      throw error;
    }
    // A drain has taken it meanwhile.
    if (!this.starting.delete(family)) {
      await branch.retire();
      throw closing(tree);
    }
    this.branches.add(branch);
    this.parts.hosted.add(family);
    return leaves.map((leaf) => this.host(leaf, branch));
  }

  /** Nothing is planted any more. */
  close(): void {
    this.isClosed = true;
  }

  /**
   * Stops every replica: all of them leave their pools at once, and none stops before all are idle, since what still
   * runs in one may need another. Those of a tree stop one after the other, in reverse order of their start.
   */
  async drain(timeoutMs: number): Promise<void> {
    const { hosted } = this.parts;
    const families = [...hosted.takeAll(), ...this.takeStarted()];
    const replicas = families.flat();
    const left = Promise.all(replicas.map((replica) => replica.leave()));
    const quiet = left.then(() => idle(replicas));
    for (const family of families) {
      let before = quiet;
      for (const replica of family) before = this.stop(replica, timeoutMs, before);
    }
    await Promise.all(this.leaving);
    hosted.forget(replicas);
    await Promise.all([...this.branches].map((branch) => branch.retire()));
    this.branches.clear();
  }

  private host({ replica, release }: Leaf, branch: Branch): Hosting {
    return hostingOf(replica, (timeoutMs) => {
      release();
      if (branch.isEmpty) this.branches.delete(branch);
      this.parts.hosted.remove(replica);
      return this.stop(replica, timeoutMs);
    });
  }

  /** Of each tree that is starting: the replicas that serve, the last one started first. */
  private takeStarted(): Replica[][] {
    const all = [...this.starting].map((family) => family.filter(({ serves }) => serves).toReversed());
    this.starting.clear();
    return all;
  }

  private stop(replica: Replica, timeoutMs: number, quiet?: Promise<void>): Promise<void> {
    const stopped = replica.stop(timeoutMs, quiet).finally(() => this.leaving.delete(stopped));
    this.leaving.add(stopped);
    return stopped;
  }

  /** Nobody is left who could restart what has failed. */
  private async giveUp(branch: Branch, error: MeshError): Promise<void> {
    const { clock, log, onEscalation } = this.parts;
    log.error({ err: error.cause ?? error }, error.message);
    this.branches.delete(branch);
    await within(clock, GIVE_UP_MS, branch.retire());
    onEscalation?.(error);
  }
}

/** Resolves when all are idle at the same time. */
async function idle(replicas: readonly Replica[]): Promise<void> {
  do await Promise.all(replicas.map(({ actor }) => actor.idle()));
  while (replicas.some(({ actor }) => !actor.isIdle));
}

function closing({ children: [first] }: Tree): MeshError {
  const name = first && "contract" in first ? first.contract.name : first?.name;
  return new MeshError("unavailable", `"${name}" is not served: this mesh is closing.`, {
    agent: name,
    retryable: false,
  });
}
