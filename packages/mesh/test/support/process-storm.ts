import { setTimeout as delay } from "node:timers/promises";
import { type Mesh, connect } from "../../src/index.ts";
import { FaultProxy } from "../../src/testing/fault-proxy.ts";
import { Ledger } from "./ledger.ts";
import { MemberProcess } from "./member-process.ts";
import { type NatsServer, startNatsServer } from "../../src/testing/nats-server.ts";
import { RecordingLogger } from "../../src/testing/recording-logger.ts";
import { seeded } from "../../src/testing/seeded.ts";
import { Workload } from "./workload.ts";

export interface ProcessStormOptions {
  readonly seed: number;
  readonly requests: number;
  readonly onProgress?: (ledger: Ledger) => void;
}

const PER_SECOND = 400;
const FAULT_EVERY_MS = 500;
const PATIENCE_MS = 30_000;
/** More would take the processor from what is tested. */
const MAX_WAITING = 1_000;
const AGENTS = ["job", "relay", "clerk"];

/**
 * The same with real processes: a NATS server that is killed and started, nodes that are killed and stopped, and a bad
 * network between it and both. The seed repeats the choices, not their exact times.
 */
export class ProcessStorm implements AsyncDisposable {
  readonly ledger: Ledger = new Ledger(() => performance.now());
  faults = 0;
  private readonly options: ProcessStormOptions;
  private readonly random: () => number;
  private server!: NatsServer;
  private proxy!: FaultProxy;
  private client!: Mesh;
  /** The first is left alone, and has a good network: there is always a replica while there is a server. */
  private readonly members: MemberProcess[] = [];
  private readonly mending = new Set<Promise<void>>();

  constructor(options: ProcessStormOptions) {
    this.options = options;
    this.random = seeded(options.seed);
  }

  async run(): Promise<void> {
    this.server = await startNatsServer();
    this.proxy = await FaultProxy.to(this.server.port);
    const { url } = this.proxy;
    const started = [this.server.url, url, url].map((each) => MemberProcess.start(each, AGENTS));
    this.members.push(...(await Promise.all(started)));
    const fast = { reconnectTimeWait: 50, reconnectJitter: 0, logger: new RecordingLogger() };
    this.client = await connect({ servers: url, ...fast });
    const { ledger, options, random } = this;
    const workload = new Workload({
      random: seeded(options.seed + 1),
      ledger,
      now: () => performance.now(),
      after: (ms, fire) => void setTimeout(fire, ms).unref(),
      patienceMs: PATIENCE_MS,
      isFaithful: true,
    });
    let faultAt = performance.now() + FAULT_EVERY_MS;
    for (let last = performance.now(); ledger.sent < options.requests;) {
      await delay(5);
      const now = performance.now();
      const due = Math.min(((now - last) * PER_SECOND) / 1_000, options.requests - ledger.sent);
      for (let i = 0; i < due && ledger.waiting < MAX_WAITING; i++) workload.send(this.client);
      last = now;
      options.onProgress?.(ledger);
      if (now < faultAt) continue;
      this.disturb();
      faultAt = now + random() * 2 * FAULT_EVERY_MS;
    }
    await Promise.all(this.mending);
    const until = performance.now() + PATIENCE_MS + 5_000;
    while (ledger.waiting > 0 && performance.now() < until) await delay(20);
    ledger.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.mending);
    await this.client.close();
    for (const each of this.members) each.kill();
    this.proxy.close();
    await this.server.stop();
  }

  /** One fault at a time: what they do to each other is for the storm that costs no time. */
  private disturb(): void {
    if (this.mending.size > 0) return;
    this.faults++;
    const faults = [
      () => this.killNode(),
      () => this.stopNode(),
      () => this.restartServer(),
      () => this.cut(),
      () => this.slow(),
    ];
    const mended = (faults[Math.floor(this.random() * faults.length)] as () => Promise<void>)();
    this.mending.add(mended);
    void mended.then(() => this.mending.delete(mended));
  }

  private async killNode(): Promise<void> {
    const at = this.victim();
    this.members[at]?.kill();
    this.members[at] = await MemberProcess.start(this.proxy.url, AGENTS);
  }

  private async stopNode(): Promise<void> {
    const victim = this.members[this.victim()];
    victim?.signal("SIGSTOP");
    await delay(this.random() * 1_500);
    victim?.signal("SIGCONT");
  }

  private async restartServer(): Promise<void> {
    await this.server.kill();
    await delay(this.random() * 300);
    await this.server.restart();
  }

  private async cut(): Promise<void> {
    this.proxy.refuse();
    await delay(this.random() * 300);
    this.proxy.heal();
  }

  private async slow(): Promise<void> {
    this.proxy.set({ latencyMs: this.random() * 50 });
    await delay(this.random() * 500);
    this.proxy.heal();
  }

  private victim(): number {
    return 1 + Math.floor(this.random() * (this.members.length - 1));
  }
}
