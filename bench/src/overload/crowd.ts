import { setTimeout as sleep } from "node:timers/promises";
import { MeshError, type MeshClient } from "@shoal/mesh/client";
import { machineNow } from "../failover/machine-clock.ts";
import { HASTY_MS, HASTY_SHARE, TIMEOUT_MS } from "./settings.ts";

/** Somebody was told to come back later. Times by {@link machineNow}. */
export interface Refusal {
  readonly at: number;
  readonly replica: string;
  readonly retryAfterMs: number;
}

/** A request that was answered. */
export interface Answered {
  readonly at: number;
  readonly tookMs: number;
}

/** One caller with a connection of its own, and what became of its requests. */
export class Member {
  readonly answered: Answered[] = [];
  readonly refusals: Refusal[] = [];
  /** How the others ended, by code. */
  readonly failed: Map<string, number> = new Map();
  sent = 0;
  /** Of the crowd's requests. */
  readonly share: number;
  private readonly client: MeshClient;
  private readonly open = new Set<Promise<void>>();

  constructor(client: MeshClient, share: number) {
    this.client = client;
    this.share = share;
  }

  send(): void {
    const call = this.ask();
    this.open.add(call);
    void call.then(() => this.open.delete(call));
  }

  /** Resolves when every request has ended. */
  async settle(): Promise<void> {
    await Promise.all(this.open);
  }

  private async ask(): Promise<void> {
    const id = this.sent++;
    const isHasty = id % Math.round(1 / HASTY_SHARE) === 0;
    const from = machineNow();
    try {
      await this.client.call("job.work", { id }, { timeout: isHasty ? HASTY_MS : TIMEOUT_MS });
      const at = machineNow();
      this.answered.push({ at, tookMs: at - from });
    } catch (error) {
      this.note(error);
    }
  }

  private note(error: unknown): void {
    const { code, retryAfterS, replica } = error instanceof MeshError ? error : {};
    if (code === "overloaded" && retryAfterS !== undefined && replica !== undefined)
      this.refusals.push({ at: machineNow(), replica, retryAfterMs: retryAfterS * 1_000 });
    else this.failed.set(code ?? "internal", (this.failed.get(code ?? "internal") ?? 0) + 1);
  }
}

/** Requests at a steady rate, whatever becomes of the earlier ones. */
export async function offer(members: readonly Member[], perSecond: number, seconds: number): Promise<void> {
  const from = machineNow();
  const sent = members.map(() => 0);
  for (let now = from; now < from + seconds * 1_000; now = machineNow()) {
    for (const [index, member] of members.entries()) {
      const due = ((now - from) / 1_000) * perSecond * member.share;
      for (; (sent[index] ?? 0) < due; sent[index] = (sent[index] ?? 0) + 1) member.send();
    }
    await sleep(2);
  }
}
