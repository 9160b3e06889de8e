import { type Mesh, MemoryBroker, connect } from "../../src/index.ts";
import { Frame, Kind, callOf, isFrame } from "../../src/protocol/frame.ts";
import { turns } from "./actor-fixture.ts";
import { chaosAgents } from "./chaos-agents.ts";
import { FaultyTransport, type Loss } from "./faulty-transport.ts";
import { Ledger } from "./ledger.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { RecordingLogger } from "../../src/testing/recording-logger.ts";
import { seeded } from "../../src/testing/seeded.ts";
import { Workload } from "./workload.ts";

export interface StormOptions {
  readonly seed: number;
  readonly requests: number;
  /** Single messages are lost and doubled, too: NATS does neither. */
  readonly isLossy: boolean;
  readonly onProgress?: (ledger: Ledger) => void;
}

const NODES = { job: 6, relay: 3, clerk: 6 };
/** At 4,000 requests a second, two slots would never do. */
const CLERK_SLOTS = 12;
const CLIENTS = 3;
const STEP_MS = 5;
const MAX_WAITING = 4_000;
const SENT_A_STEP = 20;
const FAULT_EVERY_MS = 80;
const PATIENCE_MS = 120_000;
const LOSS: Loss = { dropped: 0.002, doubled: 0.002 };

interface Process {
  readonly mesh: Mesh;
  readonly transport: FaultyTransport;
  /** What it serves; undefined for a client. */
  readonly agent: keyof typeof NODES | undefined;
  /** Requests that it got and has not answered yet, by address: never below 0. */
  readonly owed: Map<string, number>;
  isDisturbed: boolean;
}

/**
 * A mesh in one process, on a clock of its own, whose processes break off, stop, slow down, drain and die at random while
 * random requests are made. The same seed is the same storm.
 */
export class Storm {
  readonly ledger: Ledger;
  faults = 0;
  private readonly options: StormOptions;
  private readonly clock = new ManualClock();
  private readonly random: () => number;
  private readonly broker: MemoryBroker;
  private readonly workload: Workload;
  private readonly clients: Process[] = [];
  /** The first of each agent is left alone: there is always a replica. */
  private readonly nodes: Process[] = [];
  private nextFaultAt = 0;

  constructor(options: StormOptions) {
    this.options = options;
    this.random = seeded(options.seed);
    this.broker = new MemoryBroker({ random: seeded(options.seed + 1) });
    const now = (): number => this.clock.now();
    this.ledger = new Ledger(now);
    this.workload = new Workload({
      random: seeded(options.seed + 2),
      ledger: this.ledger,
      now,
      after: (ms, fire) => void this.clock.after(ms, fire),
      patienceMs: PATIENCE_MS,
      isFaithful: !options.isLossy,
    });
  }

  async run(): Promise<void> {
    for (let i = 0; i < CLIENTS; i++) this.clients.push(await this.open(undefined));
    for (const agent of ["job", "relay", "clerk"] as const)
      for (let i = 0; i < NODES[agent]; i++) {
        const node = await this.open(agent);
        if (i === 0) node.isDisturbed = true;
        this.nodes.push(node);
      }
    while (this.ledger.sent < this.options.requests) {
      this.send();
      if (this.clock.now() >= this.nextFaultAt) this.disturb();
      await this.step();
      this.options.onProgress?.(this.ledger);
    }
    await this.settle();
  }

  private send(): void {
    const { ledger, options } = this;
    const room = Math.min(SENT_A_STEP, MAX_WAITING - ledger.waiting, options.requests - ledger.sent);
    for (let i = 0; i < room; i++) this.workload.send(this.pick(this.clients).mesh);
  }

  /** Everything ends, and nothing is left behind. */
  private async settle(): Promise<void> {
    const until = this.clock.now() + 2 * PATIENCE_MS;
    while (this.ledger.waiting > 0 && this.clock.now() < until) await this.step();
    this.ledger.close();
    // Work whose caller is gone has its own deadline.
    for (let i = 0; i < PATIENCE_MS / STEP_MS && this.nodes.some(({ owed }) => owed.size > 0); i++)
      await this.step();
    for (const { owed } of this.nodes)
      if (owed.size > 0) this.ledger.report(`a replica never answered ${owed.size} requests`);
  }

  private async step(): Promise<void> {
    this.clock.advance(STEP_MS);
    await turns(3);
  }

  private async open(agent: Process["agent"]): Promise<Process> {
    const { clock, random, broker } = this;
    const loss = this.options.isLossy ? LOSS : { dropped: 0, doubled: 0 };
    const transport = new FaultyTransport({ broker, clock, random, loss });
    const mesh = await connect({ transport, clock, logger: new RecordingLogger() });
    const opened: Process = { mesh, transport, agent, owed: new Map(), isDisturbed: false };
    this.account(opened);
    const wait = (ms: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve());
        clock.after(ms, resolve);
      });
    for (const each of chaosAgents({ ran: () => {}, wait }))
      if (each.contract.name === agent)
        await mesh.serve(agent === "clerk" ? { ...each, concurrency: CLERK_SLOTS } : each);
    return opened;
  }

  /** Every request that a replica gets is answered once. */
  private account({ transport, owed }: Process): void {
    const add = (address: string, count: number): void => {
      const left = (owed.get(address) ?? 0) + count;
      if (left < 0) this.ledger.reportTwice(`${address} at its replica`);
      if (left === 0) owed.delete(address);
      else owed.set(address, left);
    };
    // By reply subject: where nobody is there to take it, a request is its giver's again.
    const shipped = new Map<string, string>();
    transport.onReceived = ({ subject, payload, reply, noResponders }) => {
      const returned = noResponders ? shipped.get(subject) : undefined;
      if (returned !== undefined && shipped.delete(subject)) add(returned, 1);
      if (isFrame(payload) && payload[2] === Kind.request) add(`${reply} ${callOf(payload)}`, 1);
      const given = givenIn(payload);
      if (given !== undefined) add(given, 1);
    };
    transport.onSent = (subject, payload, reply) => {
      const kind = isFrame(payload) ? payload[2] : undefined;
      if (kind === Kind.result || kind === Kind.error || kind === Kind.end)
        add(`${subject} ${callOf(payload)}`, -1);
      const given = givenIn(payload);
      if (given === undefined) return;
      add(given, -1);
      if (reply !== undefined) shipped.set(reply, given);
    };
  }

  private disturb(): void {
    this.nextFaultAt = this.clock.now() + this.random() * 2 * FAULT_EVERY_MS;
    const victim = this.pick([...this.nodes, ...this.clients]);
    if (victim.isDisturbed) return;
    victim.isDisturbed = true;
    this.faults++;
    const { transport, agent } = victim;
    const faults = [() => this.breakOff(victim), () => this.stop(victim), () => this.slow(victim)];
    if (agent)
      faults.push(
        () => this.replace(victim, () => transport.close()),
        () => this.replace(victim, () => victim.mesh.close()),
      );
    this.pick(faults)();
  }

  /** What is on its way then is lost. */
  private breakOff(victim: Process): void {
    const { transport } = victim;
    transport.latencyMs = this.random() * 20;
    this.clock.after(20, () => {
      transport.latencyMs = 0;
      transport.breakOff();
      this.heal(victim, 1_500, () => transport.reconnect());
    });
  }

  private stop(victim: Process): void {
    victim.transport.stop();
    this.heal(victim, 6_000, () => victim.transport.resume());
  }

  private slow(victim: Process): void {
    victim.transport.latencyMs = this.random() * 100;
    this.heal(victim, 1_000, () => (victim.transport.latencyMs = 0));
  }

  /** It dies, or begins to leave in order; another comes in its place. */
  private replace(victim: Process, leave: () => Promise<void>): void {
    void leave();
    this.nodes.splice(this.nodes.indexOf(victim), 1);
    this.clock.after(
      this.random() * 1_000,
      () => void this.open(victim.agent).then((node) => this.nodes.push(node)),
    );
  }

  private heal(victim: Process, withinMs: number, mend: () => void): void {
    this.clock.after(this.random() * withinMs, () => {
      victim.isDisturbed = false;
      mend();
    });
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }
}

/** The address of the request that one replica gives to another. */
function givenIn(payload: Uint8Array): string | undefined {
  if (!isFrame(payload) || payload[2] !== Kind.give) return undefined;
  const { reply, payload: request } = new Frame(payload).body() as { reply: string; payload: Uint8Array };
  return `${reply} ${callOf(request)}`;
}
