import { type ConnectionOptions, type NatsConnection, connect } from "nats";

/** Beside one try for each server that is named. */
const SPARE_TRIES = 8;

/**
 * Connects to one of the servers, or fails for the reason that the last one has.
 *
 * A server of a cluster names the others to whoever it refuses. Until it has connected once, the library goes on to those,
 * and from them back, for ever: so after some tries only those that were named are asked, each once more.
 *
 * @param options with `reconnectTimeWait`
 * @throws NatsError as the library does
 */
export async function firstConnect(options: ConnectionOptions): Promise<NatsConnection> {
  const inCircles = new Error("no server has let it in");
  let triesLeft = serversIn(options) + SPARE_TRIES;
  const pause = options.reconnectDelayHandler ?? (() => pauseMs(options));
  try {
    return await connect({
      ...options,
      reconnectDelayHandler: () => {
        if (triesLeft === 0) throw inCircles;
        triesLeft--;
        return pause();
      },
    }).finally(() => (triesLeft = Infinity));
  } catch (error) {
    if (error !== inCircles) throw error;
    return connect({ ...options, ignoreClusterUpdates: true });
  }
}

function serversIn({ servers }: ConnectionOptions): number {
  return Array.isArray(servers) ? servers.length : 1;
}

/** As the library has it where nothing else is said. */
function pauseMs({
  reconnectTimeWait = 2_000,
  reconnectJitter = 100,
  reconnectJitterTLS = 1_000,
  tls,
}: ConnectionOptions): number {
  const jitterMs = tls ? reconnectJitterTLS : reconnectJitter;
  return reconnectTimeWait + Math.floor(Math.random() * (jitterMs + 1));
}
