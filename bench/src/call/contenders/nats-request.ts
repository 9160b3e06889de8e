import { connect, type ConnectionOptions, type NatsConnection } from "nats";
import { bytesOf, fromPromise, type Contender, type Requester } from "../contender.ts";
import { REQUEST_TIMEOUT_MS } from "../settings.ts";

const SUBJECT = "bench.request";

/** The library's `request()` against a plain subscription that responds: what most people write. */
export const natsRequest: Contender = { respond, request: (url) => request({ servers: url }) };

/** The same without the stack traces that the library prepares for each request in case it fails. */
export const natsRequestNoTraces: Contender = {
  respond,
  request: (url) => request({ servers: url, noAsyncTraces: true }),
};

async function respond(url: string): Promise<void> {
  const connection = await connect({ servers: url });
  connection.subscribe(SUBJECT, { callback: (_error, message) => void message.respond(message.data) });
  await connection.flush();
}

async function request(options: ConnectionOptions): Promise<Requester> {
  return requester(await connect(options), SUBJECT);
}

/** Asks with `request()` on any subject; shared with the micro service. */
export function requester(connection: NatsConnection, subject: string): Requester {
  return {
    prepare(size) {
      const payload = bytesOf(size);
      return fromPromise(
        () => connection.request(subject, payload, { timeout: REQUEST_TIMEOUT_MS }),
        ({ data }) => data.length === size,
      );
    },
  };
}
