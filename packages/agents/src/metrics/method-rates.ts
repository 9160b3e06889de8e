import { GONE, type NodeFigures, type ServedFigures } from "@shoal/mesh";
import { type PerSecond, Rate, perSecond } from "./rate.ts";

interface Pair {
  readonly ended: Rate;
  readonly failed: Rate;
}

/** How fast requests end, and fail. */
export interface Rates {
  readonly ended: PerSecond;
  readonly failed: PerSecond;
}

/** By replica and method. Of replicas that are gone nothing is told: their last rates were those of somebody who was there. */
export class MethodRates {
  private byMethod = new Map<string, Pair>();
  private notedAt: number | undefined;

  /** A node is there whose figures have grown in a time that is not known. */
  begin(node: NodeFigures, now: number): void {
    this.each(node, (key, ended, failed) => {
      this.byMethod.set(key, { ended: new Rate(now, ended), failed: new Rate(now, failed) });
    });
  }

  /** Takes a sample of all that live. */
  note(nodes: readonly NodeFigures[], now: number): void {
    const present = new Map<string, Pair>();
    const since = this.notedAt ?? now;
    for (const node of nodes) {
      this.each(node, (key, ended, failed) => {
        const pair = this.byMethod.get(key) ?? { ended: new Rate(since, 0), failed: new Rate(since, 0) };
        pair.ended.note(now, ended);
        pair.failed.note(now, failed);
        present.set(key, pair);
      });
    }
    this.byMethod = present;
    this.notedAt = now;
  }

  /** Together. */
  of(methods: readonly { readonly replica: string; readonly method: string }[]): Rates {
    const pairs = methods.flatMap(({ replica, method }) => this.byMethod.get(`${replica} ${method}`) ?? []);
    return {
      ended: perSecond(pairs.map(({ ended }) => ended)),
      failed: perSecond(pairs.map(({ failed }) => failed)),
    };
  }

  private each({ replicas }: NodeFigures, use: (key: string, ended: number, failed: number) => void): void {
    for (const { replica, methods } of replicas) {
      if (replica === GONE) continue;
      for (const figures of methods) use(`${replica} ${figures.method}`, figures.ended, failedIn(figures));
    }
  }
}

/** Requests that have ended with an error. */
export function failedIn({ ended, ok, degraded }: ServedFigures): number {
  return ended - ok - degraded;
}
