import { setTimeout as delay } from "node:timers/promises";
import type { NatsConnection } from "nats";
import { MeshError } from "../errors.ts";
import { connectError } from "./connect-error.ts";
import { firstConnect } from "./first-connect.ts";
import { type NatsOptions, resolveOptions, serversOf } from "./nats-options.ts";
import { NatsTransport } from "./nats-transport.ts";
import type { Transport } from "./transport.ts";

/** Told why no server has been reached, each time that one is tried in vain. */
export type OnWait = (failure: MeshError) => void;

/**
 * Connects to NATS.
 * @throws MeshError `unavailable` when no server answers, `unauthorized` when it refuses the credentials or is not to
 *   be trusted, `bad_request` for options that cannot be used. With `wait` it tries again for as long as no server
 *   answers, and calls `onWait` after each try.
 */
export async function connectNats(options: NatsOptions = {}, onWait?: OnWait): Promise<Transport> {
  const { connection: resolved, wait, retryMs } = resolveOptions(options);
  for (;;) {
    try {
      const connection = await firstConnect(resolved);
      return new NatsTransport(connection, { owned: true, inboxPrefix: resolved.inboxPrefix });
    } catch (error) {
      const failure = connectError(error, serversOf(resolved));
      if (!wait || failure.code !== "unavailable") throw failure;
      onWait?.(failure);
      await delay(retryMs);
    }
  }
}

/**
 * A transport over a connection that the application owns: closing the transport leaves it open.
 * @throws MeshError `unavailable` when the connection is closed already
 */
export function overNatsConnection(connection: NatsConnection): Transport {
  if (connection.isClosed()) throw new MeshError("unavailable", "the given connection to NATS is closed.");
  return new NatsTransport(connection, { owned: false, inboxPrefix: inboxPrefixOf(connection) });
}

/** An account may allow one prefix only. The library's type hides it. */
function inboxPrefixOf(connection: NatsConnection): string | undefined {
  const { options } = connection as { options?: { inboxPrefix?: unknown } };
  return typeof options?.inboxPrefix === "string" ? options.inboxPrefix : undefined;
}
