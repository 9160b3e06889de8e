import type { NatsConnection } from "nats";
import { type Clock, systemClock } from "./clock.ts";
import { Directory } from "./client/directory.ts";
import { Dispatcher } from "./client/dispatcher.ts";
import type { Host } from "./client/host.ts";
import { Deadlines } from "./deadlines.ts";
import type { MeshError } from "./errors.ts";
import { type Logger, stderrLogger } from "./logger.ts";
import { type Subjects, subjectsUnder } from "./protocol/subjects.ts";
import { CallTracing } from "./tracing/call-tracing.ts";
import type { Journal } from "./tracing/journal.ts";
import { type Tracer, openTracer } from "./tracing/tracer.ts";
import { WallClock } from "./tracing/wall-clock.ts";
import type { NatsOptions } from "./transport/nats-options.ts";
import { overNatsConnection } from "./transport/nats.ts";
import { type Lease, leaseNats, leaseOf } from "./transport/shared.ts";
import type { Transport } from "./transport/transport.ts";

export interface ConnectOptions extends NatsOptions {
  /** Subject root of the mesh. Default `mesh`. */
  root?: string;
  /** A NATS connection that the app has already; it is never closed by the mesh. */
  connection?: NatsConnection;
  /** Any other transport, such as an in-process one. */
  transport?: Transport;
  /**
   * `false`: no replica is watched, and work whose replica is lost is not sent again: such a call ends at its deadline.
   * What has certainly not begun is still sent again. For callers with a policy of their own. Default true.
   */
  failover?: boolean;
  /** Default: warnings and errors as JSON lines on stderr. Takes a pino logger. */
  logger?: Logger;
  /** Tests bring their own. */
  clock?: Clock;
}

const WAITING_EVERY_MS = 60_000;

/** What everything on one mesh is built from. */
export interface Base {
  readonly lease: Lease;
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly log: Logger;
  readonly directory: Directory;
  readonly wall: WallClock;
  /** Undefined where no SDK of OpenTelemetry is registered. */
  readonly tracer: Tracer | undefined;
  /** @param journal remembers which of its attempts have failed */
  dispatcher(host?: Host, journal?: Journal): Dispatcher;
}

/** @throws MeshError `unavailable`, `unauthorized` or `bad_request` */
export async function openBase(options: ConnectOptions): Promise<Base> {
  const {
    root,
    connection,
    transport: given,
    failover = true,
    logger = stderrLogger,
    clock = systemClock,
    ...nats
  } = options;
  const subjects = subjectsUnder(root ?? "mesh");
  const lease = logged(
    given
      ? leaseOf(given)
      : connection
        ? leaseOf(overNatsConnection(connection))
        : await leaseNats(nats, rarely(logger, clock)),
    logger,
  );
  const { transport } = lease;
  const deadlines = new Deadlines(clock);
  const directory = new Directory(transport, clock, subjects);
  const wall = new WallClock(clock);
  const tracer = openTracer();
  return {
    lease,
    transport,
    subjects,
    clock,
    deadlines,
    log: logger,
    directory,
    wall,
    tracer,
    dispatcher: (host, journal) =>
      new Dispatcher({
        transport,
        subjects,
        clock,
        deadlines,
        failover,
        directory,
        host,
        journal,
        tracing: tracer && new CallTracing({ tracer, wall, journal }),
      }),
  };
}

/** Says that it waits for NATS: at once, and then each minute, however often it tries. */
function rarely(log: Logger, clock: Clock): (failure: MeshError) => void {
  let quietUntil = -Infinity;
  return ({ message }) => {
    const now = clock.now();
    if (now < quietUntil) return;
    quietUntil = now + WAITING_EVERY_MS;
    log.warn({}, `waiting for NATS: ${message}`);
  };
}

/** Writes what happens to the connection to the log, for as long as the lease is held. */
function logged(lease: Lease, log: Logger): Lease {
  const stop = lease.transport.onStatus(({ type, detail }) => {
    if (type === "error") log.error({}, detail);
    else if (type === "disconnected") log.warn({ server: detail }, "lost NATS; reconnecting");
    else if (type === "lame_duck") log.warn({ server: detail }, "the NATS server is about to stop");
    else if (type === "connected") log.info({ server: detail }, "reconnected to NATS");
    else log.info({ detail }, "disconnected from NATS");
  });
  return {
    transport: lease.transport,
    release: () => {
      stop();
      return lease.release();
    },
  };
}
