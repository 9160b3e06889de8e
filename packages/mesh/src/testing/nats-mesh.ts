import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../clock.ts";
import type { Agent } from "../contract/agent.ts";
import type { Contract, MethodContracts } from "../contract/contract.ts";
import { type Mesh, connect } from "../mesh.ts";
import type { MeshOptions } from "../mesh-options.ts";
import type { Hosting } from "../pool/hosting.ts";
import { AgentProcess, type ProcessOptions } from "./agent-process.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { type Member, timersLeftBy } from "./member.ts";
import { MemberClock } from "./member-clock.ts";
import { leftBehind } from "./left-behind.ts";
import type { MockAgent, MockOptions } from "./mock/mock-agent.ts";
import { Mocks } from "./mock/mocks.ts";
import type { NatsServer } from "./nats-server.ts";
import { RecordingLogger } from "./recording-logger.ts";
import type { ServerConnection } from "./server-connections.ts";

const ROOT = "test-";
/** What a member's handlers may take to finish when the test is over. */
const DRAIN_TIMEOUT = "1s";
/** A server takes a moment to see that a connection was closed. */
const GONE_WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 10;
/** Subjects of a connection that is left. */
const MOST_TOLD = 10;

/**
 * A mesh of its own on a real NATS server, under a root that nobody else has:
 *
 *     await using nats = await NatsMesh.on(server);
 *     await nats.serve(writer);
 *     const app = await nats.connect();
 *     await app.agent(writer).prompt("hello");
 *
 * FX6: tests that share a server do not meet.
 * FX7: when it closes, its members, proxies and processes are gone; a connection, a subscription or a timer that is left,
 *      and a mock that was not asked as it was told, are an error that names them.
 */
export class NatsMesh implements AsyncDisposable {
  readonly server: NatsServer;
  /** Subject root. */
  readonly root: string;
  readonly log: RecordingLogger = new RecordingLogger();
  private readonly mocks = new Mocks();
  private readonly members: Member[] = [];
  private readonly proxies: FaultProxy[] = [];
  private readonly processes: AgentProcess[] = [];
  /** Connections that were there before. */
  private readonly before: ReadonlySet<number>;

  private constructor(server: NatsServer, before: readonly ServerConnection[]) {
    this.server = server;
    // FX6
    this.root = `${ROOT}${randomBytes(6).toString("hex")}`;
    this.before = new Set(before.map(({ id }) => id));
  }

  /** @param server one that was started with `monitored` */
  static async on(server: NatsServer): Promise<NatsMesh> {
    return new NatsMesh(server, await server.connections());
  }

  get url(): string {
    return this.server.url;
  }

  /** A member, with a connection of its own. @throws MeshError as `connect` does */
  async connect(options: MeshOptions = {}): Promise<Mesh> {
    const clock = new MemberClock(systemClock);
    const mesh = await connect({
      servers: this.url,
      root: this.root,
      name: `${this.root}-${this.members.length}`,
      reconnectTimeWait: 50,
      reconnectJitter: 0,
      clock,
      logger: this.log,
      ...options,
    });
    this.members.push({ mesh, clock });
    return mesh;
  }

  /** Serves an agent from a member of its own: called twice, it is a pool of two. */
  async serve<M extends MethodContracts>(agent: Agent<M>, options?: MeshOptions): Promise<Hosting> {
    return (await this.connect(options)).serve(agent);
  }

  /**
   * Serves a mock from a member of its own; when the mesh closes it must have been asked as it was told.
   * @param member how that member joins, such as `{ tasks: true }`
   */
  async mock<M extends MethodContracts>(
    contract: Contract<M>,
    options: MockOptions = {},
    member?: MeshOptions,
  ): Promise<MockAgent<M>> {
    const mock = this.mocks.make(contract, options);
    await this.serve(mock, member);
    return mock;
  }

  /** A network that can be made bad: `nats.connect({ servers: proxy.url })` goes through it. */
  async proxy(): Promise<FaultProxy> {
    const proxy = await FaultProxy.to(this.server.port);
    this.proxies.push(proxy);
    return proxy;
  }

  /**
   * Runs a module that serves agents in a process of its own, which finds the mesh in `NATS_URL` and `SHOAL_ROOT`, and
   * says `process.send?.("ready")` when it serves.
   * @throws Error with its output when it does not
   */
  async process(module: string | URL, options: ProcessOptions = {}): Promise<AgentProcess> {
    const env = { NATS_URL: this.url, SHOAL_ROOT: this.root, ...options.env };
    const started = await AgentProcess.start(module, { ...options, env });
    this.processes.push(started);
    return started;
  }

  /** Closes every member, the last one first. @throws Error that names what is left (FX7) */
  async close(): Promise<void> {
    for (const proxy of this.proxies) proxy.heal();
    for (const { mesh } of this.members.toReversed()) {
      await mesh.drain({ timeout: DRAIN_TIMEOUT });
      await mesh.close();
    }
    await Promise.all(this.processes.map((each) => each.kill()));
    for (const proxy of this.proxies) proxy.close();
    const left = await this.connectionsLeft();
    const error = leftBehind([
      ...this.mocks.problems,
      ...left.map((each) => this.describe(each)),
      ...timersLeftBy(this.members),
    ]);
    if (error) throw error;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async connectionsLeft(): Promise<ServerConnection[]> {
    const giveUpAt = performance.now() + GONE_WITHIN_MS;
    for (;;) {
      const left = (await this.server.connections()).filter((each) => this.isLeft(each));
      if (left.length === 0 || performance.now() > giveUpAt) return left;
      await delay(LOOK_EVERY_MS);
    }
  }

  /** It listens below this root, or it is new and of no other test that runs at the same time. */
  private isLeft({ id, name, subjects }: ServerConnection): boolean {
    if (subjects.some((subject) => subject.startsWith(`${this.root}.`))) return true;
    return !this.before.has(id) && !name.startsWith(ROOT);
  }

  private describe({ name, subjects }: ServerConnection): string {
    const who = name === "" ? "a connection to NATS" : `the connection to NATS "${name}"`;
    const own = subjects.filter((subject) => subject.startsWith(`${this.root}.`));
    const listening =
      own.length === 0 ? "" : `, subscribed to ${own.toSorted().slice(0, MOST_TOLD).join(", ")}`;
    return `${who} is open still${listening}.`;
  }
}
