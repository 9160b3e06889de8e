import { type ErrorCode, isErrorCode } from "../errors.ts";
import type {
  ErrorFigures,
  NodeFigures,
  PresentFigures,
  ReplicaFigures,
  ServedFigures,
  SupervisorFigures,
  TargetFigures,
} from "./figures.ts";
import type { Times } from "./times.ts";

/** Figures as numbers by name. One that is absent is 0, or is not known. */
export type Numbers = Readonly<Record<string, number>>;

/** Where there is no time, since nothing runs or waits. */
const NONE = -1;
const BREAKERS = ["none", "closed", "half-open", "open"] as const;
const ERROR = "error.";
const TARGET = "target.";

/** What a node tells of its process. */
export function nodeNumbers({ uptimeMs, connection, process: { loopLag, ...memory } }: NodeFigures): Numbers {
  return {
    uptimeMs: Math.round(uptimeMs),
    reconnects: connection.reconnects,
    ...memory,
    ...(loopLag ? { lagP50Ms: loopLag.p50Ms, lagP99Ms: loopLag.p99Ms, lagMaxMs: loopLag.maxMs } : {}),
  };
}

/** What is told of a replica beside its methods. */
export function replicaNumbers({
  now,
  restarts,
  moved,
  tasks,
  unserved,
  supervisor,
}: ReplicaFigures): Numbers {
  const numbers: Record<string, number> = {
    restarts,
    movedAway: moved.away,
    movedStolen: moved.stolen,
    movedHere: moved.here,
    tasksDone: tasks.done,
    tasksRetried: tasks.retried,
    tasksDead: tasks.dead,
  };
  addErrors(numbers, unserved);
  if (now) addPresent(numbers, now);
  if (!supervisor) return numbers;
  numbers["fallbacks"] = supervisor.fallbacks;
  for (const target of supervisor.targets) addTarget(numbers, target);
  return numbers;
}

/** What is told of a method beside its times. */
export function servedNumbers({ ended, ok, degraded, errors, cache, usage }: ServedFigures): Numbers {
  const numbers: Record<string, number> = { ended, ok, degraded, ...usage, ...cache };
  addErrors(numbers, errors);
  return numbers;
}

/** The other way round. */
export function nodeOf(
  node: string,
  { uptimeMs = 0, reconnects = 0, rssBytes = 0, heapUsedBytes = 0, lagP50Ms, lagP99Ms, lagMaxMs }: Numbers,
): Omit<NodeFigures, "replicas"> {
  const isKnown = lagP50Ms !== undefined && lagP99Ms !== undefined && lagMaxMs !== undefined;
  return {
    node,
    uptimeMs,
    connection: { isConnected: true, reconnects },
    process: {
      rssBytes,
      heapUsedBytes,
      loopLag: isKnown ? { p50Ms: lagP50Ms, p99Ms: lagP99Ms, maxMs: lagMaxMs } : null,
    },
  };
}

export function replicaOf(
  { agent, replica }: Pick<ReplicaFigures, "agent" | "replica">,
  numbers: Numbers,
  methods: readonly ServedFigures[],
): ReplicaFigures {
  const { restarts = 0, movedAway = 0, movedStolen = 0, movedHere = 0 } = numbers;
  const { tasksDone = 0, tasksRetried = 0, tasksDead = 0 } = numbers;
  return {
    agent,
    replica,
    now: presentOf(numbers),
    restarts,
    moved: { away: movedAway, stolen: movedStolen, here: movedHere },
    tasks: { done: tasksDone, retried: tasksRetried, dead: tasksDead },
    unserved: errorsOf(numbers),
    methods,
    supervisor: supervisorOf(numbers),
  };
}

export function servedOf(
  method: string,
  numbers: Numbers,
  { running, waiting }: { running: Times; waiting: Times },
): ServedFigures {
  const { ended = 0, ok = 0, degraded = 0, inputTokens = 0, outputTokens = 0, cost = 0 } = numbers;
  const { hits = 0, stale = 0, joined = 0, misses } = numbers;
  return {
    method,
    ended,
    ok,
    degraded,
    errors: errorsOf(numbers),
    running,
    waiting,
    cache: misses === undefined ? null : { hits, stale, joined, misses },
    usage: { inputTokens, outputTokens, cost },
  };
}

function addPresent(numbers: Record<string, number>, now: PresentFigures): void {
  const { oldestRunningMs, oldestWaitingMs, ...rest } = now;
  Object.assign(numbers, rest);
  numbers["oldestRunningMs"] = oldestRunningMs === null ? NONE : Math.round(oldestRunningMs);
  numbers["oldestWaitingMs"] = oldestWaitingMs === null ? NONE : Math.round(oldestWaitingMs);
}

function presentOf(numbers: Numbers): PresentFigures | null {
  const { slots, running = 0, waiting = 0, sessions = 0, oldestRunningMs, oldestWaitingMs } = numbers;
  if (slots === undefined) return null;
  return {
    slots,
    running,
    waiting,
    oldestRunningMs: ageOf(oldestRunningMs),
    oldestWaitingMs: ageOf(oldestWaitingMs),
    sessions,
  };
}

function ageOf(ms = NONE): number | null {
  return ms === NONE ? null : ms;
}

function addErrors(numbers: Record<string, number>, errors: ErrorFigures): void {
  for (const [code, count] of Object.entries(errors)) numbers[ERROR + code] = count;
}

function errorsOf(numbers: Numbers): ErrorFigures {
  const errors: Partial<Record<ErrorCode, number>> = {};
  for (const [name, count] of Object.entries(numbers)) {
    const code = name.slice(ERROR.length);
    if (name.startsWith(ERROR) && isErrorCode(code)) errors[code] = count;
  }
  return errors;
}

/** The same agent twice is one target here. */
function addTarget(numbers: Record<string, number>, { agent, breaker, ...counts }: TargetFigures): void {
  const prefix = `${TARGET}${agent}.`;
  const state = BREAKERS.indexOf(breaker ?? "none");
  numbers[`${prefix}breaker`] = Math.max(numbers[`${prefix}breaker`] ?? 0, state);
  for (const [name, count] of Object.entries(counts))
    numbers[prefix + name] = (numbers[prefix + name] ?? 0) + count;
}

function supervisorOf(numbers: Numbers): SupervisorFigures | null {
  const { fallbacks } = numbers;
  if (fallbacks === undefined) return null;
  const agents = Object.keys(numbers).flatMap((name) => /^target\.(.+)\.breaker$/.exec(name)?.[1] ?? []);
  return { fallbacks, targets: agents.map((agent) => targetOf(agent, numbers)) };
}

function targetOf(agent: string, numbers: Numbers): TargetFigures {
  const of = (name: string): number => numbers[`${TARGET}${agent}.${name}`] ?? 0;
  const state = BREAKERS[of("breaker")] ?? "none";
  return {
    agent,
    breaker: state === "none" ? undefined : state,
    attempts: of("attempts"),
    failures: of("failures"),
    retries: of("retries"),
    hedges: of("hedges"),
  };
}
