import { setTimeout as delay } from "node:timers/promises";
import { seeded } from "../../packages/mesh/src/testing/seeded.ts";
import type { SoakNode, Town } from "./town.ts";

export const FAULTS = ["kill", "drain", "stop", "restart", "cut", "slow"] as const;
export type Fault = (typeof FAULTS)[number];

/** A node that has left: by itself, or killed. */
export interface Departure {
  readonly node: string;
  readonly isKilled: boolean;
}

/** What a shared machine may take to get over a fault before the next one. */
const CALM_MS = 1_500;

/** One fault after another, by a seed: the same seed makes the same choices, if not at the same times. */
export class Faults {
  readonly counts: Record<Fault, number> = { kill: 0, drain: 0, stop: 0, restart: 0, cut: 0, slow: 0 };
  /** Undefined between two. */
  current: Fault | undefined;
  private readonly town: Town;
  private readonly random: () => number;
  private readonly onDeparture: (departure: Departure) => void;

  constructor(town: Town, seed: number, onDeparture: (departure: Departure) => void) {
    this.town = town;
    this.random = seeded(seed);
    this.onDeparture = onDeparture;
  }

  /** Until the signal fires, and the last of them is over. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const fault = FAULTS[Math.floor(this.random() * FAULTS.length)] as Fault;
      const victim = 1 + Math.floor(this.random() * (this.town.nodes.length - 1));
      const ms = this.random();
      this.counts[fault]++;
      this.current = fault;
      await this.make(fault, victim, ms);
      this.current = undefined;
      await delay(CALM_MS + this.random() * CALM_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** @param share how long it lasts, from 0 to 1 of the longest */
  private async make(fault: Fault, victim: number, share: number): Promise<void> {
    const { proxy, server, nodes } = this.town;
    const node = nodes[victim] as SoakNode;
    switch (fault) {
      case "kill":
        node.process.signal("SIGKILL");
        return this.replace(victim, node, true);
      case "drain":
        await node.process.ask("drain");
        return this.replace(victim, node, false);
      case "stop":
        node.process.signal("SIGSTOP");
        await delay(share * 1_500);
        node.process.signal("SIGCONT");
        return;
      case "restart":
        await server.nats.kill();
        await delay(share * 300);
        return server.nats.restart();
      case "cut":
        proxy.refuse();
        await delay(share * 300);
        return proxy.heal();
      case "slow":
        proxy.set({ latencyMs: share * 50 });
        await delay(500);
        return proxy.heal();
    }
  }

  private async replace(at: number, { name, node, process }: SoakNode, isKilled: boolean): Promise<void> {
    await process[Symbol.asyncDispose]();
    this.onDeparture({ node, isKilled });
    this.town.nodes[at] = await this.town.startNode(name);
  }
}
