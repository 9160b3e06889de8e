import type { ConnectionOptions } from "nats";
import { credsFile, nkeyFileOrSeed, staticJwt } from "./nats-credentials.ts";
import { readNatsContext } from "./nats-context.ts";
import { splitServers } from "./server-urls.ts";

/** How to reach NATS: everything that the `nats` package takes, and what people usually have at hand. */
export interface NatsOptions extends ConnectionOptions {
  /** Path of a credentials file (`.creds`); read again at each reconnect. */
  creds?: string;
  /** Path of an nkey seed file, or the seed itself (`SU…`). */
  nkey?: string;
  /** Name of a context of the `nats` CLI; `true` for the one that is selected. What is set beside it wins. */
  context?: string | true;
  /** Keep trying while no server answers the first connect. Default false. */
  wait?: boolean;
}

/** The library's options, and what Shoal does itself. */
export interface ResolvedOptions {
  connection: ConnectionOptions;
  wait: boolean;
  retryMs: number;
}

const RETRY_MS = 500;

/**
 * Reconnects for ever, also while the server refuses the credentials, and notices a dead server within a minute: the
 * library's own defaults give up after ten tries or two refusals, and take four minutes.
 */
const DEFAULTS: ConnectionOptions = {
  maxReconnectAttempts: -1,
  reconnectTimeWait: RETRY_MS,
  reconnectJitter: 500,
  ignoreAuthErrorAbort: true,
  pingInterval: 20_000,
  maxPingOut: 2,
  timeout: 5_000,
};

/** Each of these says who connects: one that is given puts all of the context's aside. */
const IDENTITY = ["user", "pass", "token", "creds", "nkey", "authenticator"] as const;

/** @throws MeshError `bad_request` for a file or a context that cannot be read */
export function resolveOptions(options: NatsOptions): ResolvedOptions {
  const { creds, nkey, wait, waitOnFirstConnect, ...given } = withContext(defined(options));
  const connection: ConnectionOptions = { ...DEFAULTS, ...given };
  if (connection.port === undefined)
    connection.servers ??= process.env["NATS_URL"] || "nats://127.0.0.1:4222";
  if (connection.servers !== undefined) {
    const { servers, user, pass, token } = splitServers(connection.servers);
    connection.servers = servers;
    if (!hasIdentity({ ...given, creds, nkey })) Object.assign(connection, { user, pass, token });
  }
  if (creds !== undefined) connection.authenticator = credsFile(creds);
  if (nkey !== undefined) connection.authenticator = nkeyFileOrSeed(nkey);
  return {
    connection: defined(connection),
    wait: wait ?? waitOnFirstConnect ?? false,
    retryMs: connection.reconnectTimeWait ?? RETRY_MS,
  };
}

/** The servers that options lead to, for messages. Never shows credentials. */
export function serversOf({ servers, port }: ConnectionOptions): string {
  if (servers === undefined) return `port ${port}`;
  return typeof servers === "string" ? servers : servers.join(", ");
}

function withContext({ context, ...given }: NatsOptions): Omit<NatsOptions, "context"> {
  if (context === undefined) return given;
  const { jwt, seed, ...fields } = readNatsContext(context === true ? undefined : context);
  const named: NatsOptions = fields;
  if (jwt !== undefined && seed !== undefined) named.authenticator = staticJwt(jwt, seed);
  if (hasIdentity(given)) for (const key of IDENTITY) delete named[key];
  return { ...named, ...given };
}

function hasIdentity(options: { [K in (typeof IDENTITY)[number]]?: unknown }): boolean {
  return IDENTITY.some((key) => options[key] !== undefined);
}

/** Undefined would override a default, which nobody who writes `{ servers: process.env.X }` means. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
