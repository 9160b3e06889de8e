import { MeshError, type Port, type PortSubscription } from "@shoal/mesh";
import { HEARTBEATS, HEARTBEAT_S, MISSED_BEATS, SERVICE } from "../terms.ts";
import type { Address } from "./address.ts";
import { type Instance, beatIn, instanceIn } from "./instance.ts";

/**
 * The agents with an address, and which of them live.
 *
 * OP8: heartbeats are heard before anybody is asked who is there (§8.5), and an instance that has missed three is not
 *      prompted any more (§8.2).
 */

/** Without a further answer for so long, all have answered; and after so long in any case. */
const QUIET_MS = 300;
const LONGEST_MS = 2_000;
/** Others may have come meanwhile. */
const LOOK_AGAIN_MS = 60_000;
const NOTHING = new Uint8Array(0);

interface Known {
  readonly instance: Instance;
  seenAt: number;
  intervalS: number;
}

export class Roster {
  readonly port: Port;
  private readonly address: Address;
  private readonly known = new Map<string, Known>();
  private heartbeats: PortSubscription | undefined;
  private looking: Promise<void> | undefined;
  private lookedAt = -Infinity;
  private turn = 0;
  private stopLooking: (() => void) | undefined;

  constructor(port: Port, address: Address) {
    this.port = port;
    this.address = address;
  }

  /** Hears heartbeats, and asks who is there. Nobody need be. @throws MeshError `forbidden` */
  async open(): Promise<void> {
    const { port } = this;
    // OP8
    this.heartbeats = port.subscribe(HEARTBEATS, ({ payload }) => this.onBeat(payload));
    await port.flush();
    if (this.heartbeats.refusal === undefined) return this.look();
    const { refusal } = this.heartbeats;
    this.close();
    throw new MeshError(
      "forbidden",
      `NATS does not let this user hear the heartbeats of agents: ${refusal}. It needs to subscribe to \`${HEARTBEATS}\`.`,
    );
  }

  /** Those that live, in no order. */
  get alive(): Instance[] {
    const now = this.port.clock.now();
    for (const [id, { seenAt, intervalS }] of this.known)
      if (now - seenAt > MISSED_BEATS * intervalS * 1_000) this.known.delete(id);
    return [...this.known.values()].map(({ instance }) => instance);
  }

  /**
   * One that lives: each in turn. Asks who is there when none is known.
   * @throws MeshError `unavailable` when nobody is
   */
  async pick(): Promise<Instance> {
    if (this.alive.length === 0) await this.look();
    else if (this.port.clock.now() - this.lookedAt > LOOK_AGAIN_MS) void this.look();
    const { alive } = this;
    const instance = alive[this.turn++ % alive.length];
    if (instance) return instance;
    throw new MeshError(
      "unavailable",
      `no agent ${String(this.address)} of the open agent protocol answers: \`nats req '$SRV.INFO.${SERVICE}' '' --replies=0\` shows who is there.`,
    );
  }

  /** It is not there any more, whatever its heartbeats have said. */
  forget({ id }: Instance): void {
    this.known.delete(id);
  }

  close(): void {
    this.heartbeats?.unsubscribe();
    this.stopLooking?.();
  }

  /** Resolves when somebody is found, or nobody has been. Never rejects. */
  private look(): Promise<void> {
    return (this.looking ??= this.ask().finally(() => {
      this.looking = undefined;
    }));
  }

  private ask(): Promise<void> {
    const { clock } = this.port;
    this.lookedAt = clock.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    let stopQuiet: () => void = () => {};
    const finish = (): void => {
      stopQuiet();
      stopLongest();
      address.close();
      this.stopLooking = undefined;
      resolve();
    };
    const stopLongest = clock.after(LONGEST_MS, finish);
    const address = this.port.open(({ noResponders, payload }) => {
      if (noResponders) return finish();
      // Further answers are taken while the first one is used.
      if (this.add(payload)) resolve();
      stopQuiet();
      stopQuiet = clock.after(QUIET_MS, finish);
    });
    this.stopLooking = finish;
    try {
      this.port.publish(`$SRV.INFO.${SERVICE}`, NOTHING, { reply: address.subject });
    } catch {
      // The connection is closed: nobody is there.
      finish();
    }
    return promise;
  }

  private add(payload: Uint8Array): boolean {
    const instance = instanceIn(payload);
    if (!instance || !this.address.matches(instance)) return false;
    const intervalS = this.known.get(instance.id)?.intervalS ?? HEARTBEAT_S;
    this.known.set(instance.id, { instance, seenAt: this.port.clock.now(), intervalS });
    return true;
  }

  private onBeat(payload: Uint8Array): void {
    const beat = beatIn(payload);
    const known = beat && this.known.get(beat.id);
    if (!known) return;
    known.seenAt = this.port.clock.now();
    known.intervalS = beat.intervalS;
  }
}
