import { type Berth, Lane, type LaneName, type LanePort } from "../../src/pool/lanes/lane.ts";

/**
 * A pool small enough to walk through all its states: replicas with one slot each, whose lanes are the real ones, and a
 * server that does what NATS does. What a client publishes and subscribes reaches the server in order; what the server
 * sends to a client reaches it in order; between clients nothing is ordered, and a queue group picks any of its members.
 */

/** What a replica says to the server. */
type Op =
  | { op: "sub"; lane: LaneName }
  | { op: "unsub"; lane: LaneName }
  | { op: "call"; kind: "offer" | "claim" | "last"; from: number }
  | { op: "send"; to: number; said: Said };

/** What the server says to a replica. */
type Said =
  | { kind: "request"; request: number }
  | { kind: "offer" | "last"; from: number }
  | { kind: "claim"; from: number; free: boolean; isAnswer: boolean }
  | { kind: "pass"; of: "offer" | "claim" }
  | { kind: "nobody"; of: "offer" | "claim" }
  | { kind: "give"; request: number; moves: number; isUnasked: boolean };

/** A word to the caller of a request: who has it. */
interface Told {
  op: "told";
  request: number;
  holder: number;
  moves: number;
}

interface ReplicaState {
  lane: Record<string, unknown>;
  running: number[];
  waiting: { request: number; moves: number }[];
  isLeaving: boolean;
  isDead: boolean;
  toServer: (Op | Told)[];
  toClient: Said[];
}

export interface WorldState {
  replicas: ReplicaState[];
  idle: number[];
  steal: number[];
  pool: number[];
  arrived: number;
  /** How each request has ended. */
  ends: ("open" | "done" | "lost")[];
  /** How often each was begun. */
  begun: number[];
  /** Whom each request's caller believes to hold it. */
  holders: { holder: number; moves: number }[];
  deaths: number;
  drains: number;
}

export interface WorldLimits {
  readonly replicas: number;
  readonly requests: number;
  /** Replicas that work on a request from the beginning: these count among the requests. */
  readonly busy?: number;
  readonly deaths: number;
  readonly drains: number;
}

export type Step = () => void;

/** One state, and the steps that lead on from it. Each step changes the state in place: take a new world for each. */
export class LaneWorld {
  readonly state: WorldState;
  private readonly limits: WorldLimits;
  private readonly lanes: Lane<number>[];
  /** What a `pass` is the answer to. */
  private answering: "offer" | "claim" = "offer";

  constructor(limits: WorldLimits, from?: string) {
    this.limits = limits;
    this.state = from === undefined ? start(limits) : (JSON.parse(from) as WorldState);
    this.lanes = this.state.replicas.map((replica, me) => {
      const lane = new Lane<number>(this.berthOf(replica), this.portOf(replica, me));
      return Object.assign(lane, replica.lane);
    });
    if (from === undefined) for (const lane of this.lanes) lane.update();
  }

  /** The state as text: two worlds with the same text go on alike. */
  key(): string {
    for (const [me, replica] of this.state.replicas.entries()) {
      const { berth: _, port: __, ...fields } = this.lanes[me] as unknown as Record<string, unknown>;
      replica.lane = fields;
    }
    return JSON.stringify(this.state);
  }

  /** Everything that may happen next. */
  steps(): Step[] {
    const { state, limits } = this;
    const steps: Step[] = [];
    if (state.arrived < limits.requests) {
      // A queue group picks any of its members.
      for (const to of state.pool) steps.push(() => this.arrive(to));
    }
    for (const [me, replica] of state.replicas.entries()) {
      if (replica.isDead) continue;
      if (replica.toServer.length > 0) for (const choice of this.serverChoices(me)) steps.push(choice);
      if (replica.toClient.length > 0) steps.push(() => this.deliver(me));
      if (replica.running.length > 0) steps.push(() => this.finish(me));
      if (state.deaths < limits.deaths && this.alive > 1) steps.push(() => this.die(me));
      if (state.drains < limits.drains && !replica.isLeaving && state.pool.length > 1)
        steps.push(() => this.drain(me));
    }
    return steps;
  }

  /** Nothing is on its way. */
  get isQuiet(): boolean {
    return this.state.replicas.every(
      ({ isDead, toServer, toClient }) => isDead || toServer.length + toClient.length === 0,
    );
  }

  /** Z2 is broken: a request waits, and somebody who would take it sits idle. Undefined when all is well. */
  get stuck(): string | undefined {
    const living = this.state.replicas.filter(({ isDead }) => !isDead);
    const idle = living.some(
      ({ running, waiting, isLeaving }) => !isLeaving && running.length + waiting.length === 0,
    );
    const backlog = living.some(({ waiting }) => waiting.length > 0);
    const leaver = living.some(({ isLeaving, waiting }) => isLeaving && waiting.length > 0);
    const taker = living.some(({ isLeaving }) => !isLeaving);
    if (idle && backlog) return "a request waits while a slot is free";
    return leaver && taker ? "a replica that leaves keeps what another could take" : undefined;
  }

  /** Time passes: whoever waits for an answer asks again, and everything on its way arrives. */
  retry(pick: (count: number) => number): void {
    for (const [me, lane] of this.lanes.entries())
      if (lane.isOpen && !this.state.replicas[me]?.isDead) lane.retry();
    this.settle(pick);
  }

  /** Everything on its way arrives, in some order. */
  settle(pick: (count: number) => number): void {
    for (;;) {
      const moves: Step[] = [];
      for (const [me, replica] of this.state.replicas.entries()) {
        if (replica.isDead) continue;
        if (replica.toServer.length > 0) moves.push(...this.serverChoices(me));
        if (replica.toClient.length > 0) moves.push(() => this.deliver(me));
      }
      if (moves.length === 0) return;
      moves[pick(moves.length)]?.();
    }
  }

  /** Where each request is: one place, unless it has ended or died with whoever had it. */
  places(request: number): number {
    let count = this.state.ends[request] === "open" ? 0 : 1;
    for (const { running, waiting, toServer, toClient, isDead } of this.state.replicas) {
      if (isDead) continue;
      count += running.filter((each) => each === request).length;
      count += waiting.filter((each) => each.request === request).length;
      count += toClient.filter((said) => "request" in said && said.request === request).length;
      count += toServer.filter(
        (op) => op.op === "send" && "request" in op.said && op.said.request === request,
      ).length;
    }
    return count;
  }

  private get alive(): number {
    return this.state.replicas.filter(({ isDead }) => !isDead).length;
  }

  private arrive(to: number): void {
    const { state } = this;
    const request = state.arrived++;
    state.ends.push("open");
    state.begun.push(0);
    // Who has it is known from its arrival on: the hardest case, since callers that know nobody are looked after.
    state.holders[request] = { holder: to, moves: 0 };
    state.replicas[to]?.toClient.push({ kind: "request", request });
  }

  private finish(me: number): void {
    const replica = this.state.replicas[me] as ReplicaState;
    const request = replica.running.shift() as number;
    this.state.ends[request] = "done";
    this.startNext(replica);
    this.lanes[me]?.update();
  }

  private die(me: number): void {
    const { state } = this;
    const replica = state.replicas[me] as ReplicaState;
    state.deaths++;
    replica.isDead = true;
    for (const lane of ["idle", "steal", "pool"] as const)
      state[lane] = state[lane].filter((each) => each !== me);
    const held = [...replica.running, ...replica.waiting.map(({ request }) => request)];
    for (const said of replica.toClient) if ("request" in said) held.push(said.request);
    for (const op of replica.toServer)
      if (op.op === "send" && "request" in op.said) held.push(op.said.request);
    for (const request of held) state.ends[request] = "lost";
    Object.assign(replica, { running: [], waiting: [], toServer: [], toClient: [] });
  }

  private drain(me: number): void {
    const { state } = this;
    state.drains++;
    state.pool = state.pool.filter((each) => each !== me);
    (state.replicas[me] as ReplicaState).isLeaving = true;
    this.lanes[me]?.depart();
  }

  private take(me: number, request: number, moves: number): void {
    const replica = this.state.replicas[me] as ReplicaState;
    replica.waiting.push({ request, moves });
    this.startNext(replica);
    this.lanes[me]?.update();
  }

  private startNext(replica: ReplicaState): void {
    if (replica.running.length > 0) return;
    const next = replica.waiting.shift();
    if (!next) return;
    replica.running.push(next.request);
    this.state.begun[next.request]!++;
  }

  private deliver(me: number): void {
    const replica = this.state.replicas[me] as ReplicaState;
    const lane = this.lanes[me] as Lane<number>;
    const said = replica.toClient.shift() as Said;
    if (said.kind === "request") this.take(me, said.request, 0);
    else if (said.kind === "give") {
      lane.onGiven(said.isUnasked);
      this.take(me, said.request, said.moves);
    } else if (said.kind === "claim") {
      this.answering = "claim";
      lane.onClaim(said.from, said.free, said.isAnswer);
    } else if (said.kind === "pass" || said.kind === "nobody") {
      if (said.of === "offer") lane.onRefused(said.kind === "nobody");
      else lane.onNothing(said.kind === "nobody");
    } else if (said.from === me) lane.onRefused(false);
    else {
      this.answering = "offer";
      lane.onOffer(said.from, said.kind === "last");
    }
  }

  /** The server reads the next word of a client: one way for each member of the queue group that it may pick. */
  private serverChoices(me: number): Step[] {
    const { state } = this;
    const [op] = (state.replicas[me] as ReplicaState).toServer;
    const done =
      (step: Step): Step =>
      () => {
        state.replicas[me]?.toServer.shift();
        step();
      };
    if (op === undefined) return [];
    if (op.op === "sub")
      return [done(() => (state[op.lane] = [...state[op.lane], me].toSorted((a, b) => a - b)))];
    if (op.op === "unsub")
      return [done(() => (state[op.lane] = state[op.lane].filter((each) => each !== me)))];
    if (op.op === "told") return [done(() => this.tell(op))];
    if (op.op === "send") return [done(() => this.send(op.to, op.said))];
    const members = op.kind === "claim" ? state.steal : op.kind === "offer" ? state.idle : state.pool;
    const of = op.kind === "claim" ? "claim" : "offer";
    if (members.length === 0) return [done(() => this.send(me, { kind: "nobody", of }))];
    return members.map((to) => done(() => this.send(to, this.called(op.kind, op.from, to))));
  }

  private called(kind: "offer" | "claim" | "last", from: number, to: number): Said {
    if (kind !== "claim") return { kind, from };
    // Whoever asks may be picked itself.
    return from === to ? { kind: "pass", of: "claim" } : { kind, from, free: true, isAnswer: false };
  }

  private send(to: number, said: Said): void {
    const replica = this.state.replicas[to] as ReplicaState;
    if (!replica.isDead) replica.toClient.push(said);
    else if ("request" in said) this.state.ends[said.request] = "lost";
  }

  private tell({ request, holder, moves }: Told): void {
    const known = this.state.holders[request];
    if (!known || moves > known.moves) this.state.holders[request] = { holder, moves };
  }

  private berthOf(replica: ReplicaState): Berth {
    return {
      get free() {
        return replica.running.length === 0 && replica.waiting.length === 0 ? 1 : 0;
      },
      get waiting() {
        return replica.waiting.length;
      },
      isSlow: true,
      hasRoom: true,
      get isLeaving() {
        return replica.isLeaving;
      },
    };
  }

  private portOf(replica: ReplicaState, me: number): LanePort<number> {
    const say = (op: Op | Told): void => void replica.toServer.push(op);
    return {
      join: (lane) => say({ op: "sub", lane }),
      leave: (lane) => say({ op: "unsub", lane }),
      offer: () => say({ op: "call", kind: replica.isLeaving ? "last" : "offer", from: me }),
      claim: () => say({ op: "call", kind: "claim", from: me }),
      take: (to, free) => say({ op: "send", to, said: { kind: "claim", from: me, free, isAnswer: true } }),
      pass: (to) => say({ op: "send", to, said: { kind: "pass", of: this.answering } }),
      give: (to, free, cause) => {
        const at = replica.waiting.findIndex(({ moves }) => free || replica.isLeaving || moves < 1);
        const [next] = at < 0 ? [] : replica.waiting.splice(at, 1);
        if (!next) return false;
        const { request, moves } = next;
        say({
          op: "send",
          to,
          said: { kind: "give", request, moves: moves + 1, isUnasked: cause === "gathered" },
        });
        say({ op: "told", request, holder: to, moves: moves + 1 });
        return true;
      },
    };
  }
}

function start({ replicas, busy = 0 }: WorldLimits): WorldState {
  const all = Array.from({ length: replicas }, (_, me) => me);
  const begun = all.slice(0, busy);
  return {
    replicas: all.map((me) => ({
      lane: {},
      running: me < busy ? [me] : [],
      waiting: [],
      isLeaving: false,
      isDead: false,
      toServer: [],
      toClient: [],
    })),
    idle: [],
    steal: [],
    pool: all,
    arrived: busy,
    ends: begun.map(() => "open"),
    begun: begun.map(() => 1),
    holders: begun.map((holder) => ({ holder, moves: 0 })),
    deaths: 0,
    drains: 0,
  };
}
