import type { Agent } from "../contract/agent.ts";
import type { Contract, MethodContracts } from "../contract/contract.ts";
import { type Duration, toMs } from "../duration.ts";
import { type Mesh, connect } from "../mesh.ts";
import type { MeshOptions } from "../mesh-options.ts";
import type { Hosting } from "../pool/hosting.ts";
import type { Transport } from "../transport/transport.ts";
import { Faults } from "./faults.ts";
import { ManualClock } from "./manual-clock.ts";
import { type Member, timersLeftBy } from "./member.ts";
import { MemberClock } from "./member-clock.ts";
import { countOf, leftBehind } from "./left-behind.ts";
import type { MockAgent, MockOptions } from "./mock/mock-agent.ts";
import { Mocks } from "./mock/mocks.ts";
import { RecordingLogger } from "./recording-logger.ts";
import { seeded } from "./seeded.ts";
import { TappedTransport } from "./tapped-transport.ts";
import { turns } from "./turns.ts";
import { WatchedBroker } from "./watched-broker.ts";

const STEP_MS = 5;

/**
 * A whole mesh in one process, on a clock that stands still:
 *
 *     await using mesh = new InProcessMesh();
 *     await mesh.serve(writer);
 *     const app = await mesh.member();
 *     await mesh.settle(app.agent(writer).prompt("hello"));
 *
 * Members tell their figures only where they are asked to: `mesh.member({ stats: {} })`.
 *
 * FX4: a member that is killed says nothing more and hears nothing more, and its timers never fire.
 * FX5: when it closes, a connection, a subscription or a timer that is left, a mock that was not asked as it was told, and
 *      a fault that has met no message are an error that names them.
 */
export class InProcessMesh implements AsyncDisposable {
  readonly clock: ManualClock = new ManualClock();
  readonly log: RecordingLogger = new RecordingLogger();
  readonly broker: WatchedBroker;
  /** What is kept for a while is the server's, as its timers are. */
  private readonly storeClock = new MemberClock(this.clock);
  readonly faults: Faults = new Faults(this.clock);
  private readonly mocks = new Mocks();
  private readonly members = new Map<Mesh, Joined>();
  private readonly outsiders: Transport[] = [];

  /** @param options.maxPayload bytes of the largest message. Default 1 MiB, as in NATS */
  constructor(options: { maxPayload?: number } = {}) {
    this.broker = new WatchedBroker({ random: seeded(1), clock: this.storeClock, ...options });
  }

  /** One member, as if in a process of its own, with the connection that it has. */
  async join(options: MeshOptions = {}): Promise<{ mesh: Mesh; transport: TappedTransport }> {
    const { mesh, transport } = await this.open(options);
    return { mesh, transport };
  }

  /** One member, as if in a process of its own. */
  async member(options: MeshOptions = {}): Promise<Mesh> {
    return (await this.join(options)).mesh;
  }

  /** A connection of somebody who is no member, and speaks to NATS as it is. It is closed with the mesh. */
  outsider(): TappedTransport {
    const transport = new TappedTransport(this.broker, this.faults);
    this.outsiders.push(transport);
    return transport;
  }

  /** Serves an agent from a member of its own: called twice, it is a pool of two. */
  async serve<M extends MethodContracts>(agent: Agent<M>, options?: MeshOptions): Promise<Hosting> {
    return (await this.member(options)).serve(agent);
  }

  /**
   * Serves a mock from a member of its own; when the mesh closes it must have been asked as it was told.
   * @param member how that member joins, such as `{ tasks: true }`
   */
  async mock<M extends MethodContracts>(
    contract: Contract<M>,
    options?: MockOptions,
    member?: MeshOptions,
  ): Promise<MockAgent<M>> {
    const { mesh, clock } = await this.open(member);
    const mock = this.mocks.make(contract, { clock, ...options });
    await mesh.serve(mock);
    return mock;
  }

  /**
   * The process of a member dies.
   * @param member the member, or a replica that it serves, or that one's id: `mock.calls[0].request.replica`
   * @throws Error when there is none
   */
  async kill(member: Mesh | Hosting | string): Promise<void> {
    const { mesh, transport, clock } = this.find(member);
    this.members.delete(mesh);
    // FX4
    clock.stop();
    await transport.die();
  }

  /** Time passes in steps of 5 ms, and what it sets off gets done. */
  async advance(duration: Duration): Promise<void> {
    for (let left = toMs(duration); left > 0; left -= STEP_MS) {
      this.clock.advance(Math.min(STEP_MS, left));
      await turns(3);
    }
  }

  /**
   * Time passes until `promise` settles.
   * @param within how long at most. Default 5 s
   * @throws Error when it has not settled by then; else what the promise rejects with
   */
  async settle<T>(promise: Promise<T>, within: Duration = "5s"): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    promise.then(over, over);
    for (let left = toMs(within); left > 0 && !isOver; left -= STEP_MS) await this.advance(STEP_MS);
    if (!isOver) throw new Error(`what was to settle has not within ${within} of the mesh's time.`);
    return promise;
  }

  /** Ends faults, closes every member, the last one first. @throws Error that names what is left (FX5) */
  async close(): Promise<void> {
    this.faults.clear();
    const members = [...this.members.values()].toReversed();
    this.members.clear();
    for (const { mesh, transport } of members) {
      if (transport.status === "disconnected") transport.become("connected");
      await this.settle(mesh.close(), "60s");
    }
    for (const each of this.outsiders) await each.close();
    const error = leftBehind([...this.mocks.problems, ...this.faults.unmet, ...this.leaks(members)]);
    if (error) throw error;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async open(options: MeshOptions = {}): Promise<Joined> {
    const transport = new TappedTransport(this.broker, this.faults);
    const clock = new MemberClock(this.clock);
    const mesh = await connect({ transport, clock, logger: this.log, stats: false, ...options });
    const joined = { mesh, transport, clock };
    this.members.set(mesh, joined);
    return joined;
  }

  private leaks(members: readonly Member[]): string[] {
    const { connections, subjects } = this.broker;
    const known = members.reduce((sum, { clock }) => sum + clock.armed, this.storeClock.armed);
    const others = this.clock.armed - known;
    return [
      ...(connections > 0 ? [`${countOf(connections, "connection")} to the broker not closed`] : []),
      ...subjects.map((subject) => `a subscription to ${subject} that nobody has ended`),
      ...timersLeftBy(members),
      ...(others > 0 ? [`${countOf(others, "timer")} on the clock that no member has set`] : []),
    ];
  }

  private find(member: Mesh | Hosting | string): Joined {
    const replica = typeof member === "string" ? member : "id" in member ? member.id : undefined;
    for (const joined of this.members.values())
      if (joined.mesh === member || replica?.startsWith(`${joined.mesh.node}-`)) return joined;
    throw new Error("that is no member of this mesh, or it was killed before.");
  }
}

interface Joined extends Member {
  readonly transport: TappedTransport;
}
