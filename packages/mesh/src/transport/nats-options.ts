import { readFileSync } from "node:fs";
import { type ConnectionOptions, credsAuthenticator, jwtAuthenticator, nkeyAuthenticator } from "nats";
import { MeshError, messageOf } from "../errors.ts";
import { readNatsContext } from "./nats-context.ts";

/** How to reach NATS: everything that the `nats` package takes, and what people usually have at hand. */
export interface NatsOptions extends ConnectionOptions {
  /** Path of a credentials file (`.creds`). */
  creds?: string;
  /** Path of an nkey seed file, or the seed itself (`SU…`). */
  nkey?: string;
  /** Name of a context of the `nats` CLI; `true` for the one that is selected. What is set beside it wins. */
  context?: string | true;
  /** Keep trying when the first connection fails. Default false. */
  wait?: boolean;
}

/**
 * Reconnects for ever, and notices a dead server within a minute: the library's own defaults give up after ten tries
 * and take four minutes.
 */
const DEFAULTS: ConnectionOptions = {
  maxReconnectAttempts: -1,
  reconnectTimeWait: 500,
  reconnectJitter: 500,
  pingInterval: 20_000,
  maxPingOut: 2,
  timeout: 5_000,
};

/** The library's options. @throws MeshError `bad_request` for a file or a context that cannot be read */
export function toConnectionOptions(options: NatsOptions): ConnectionOptions {
  const { creds, nkey, wait, ...given } = withContext(options);
  const resolved: ConnectionOptions = { ...DEFAULTS, ...given };
  resolved.servers ??= process.env["NATS_URL"]?.split(",") ?? "nats://127.0.0.1:4222";
  resolved.waitOnFirstConnect ??= wait ?? false;
  if (creds !== undefined) resolved.authenticator = credsAuthenticator(readSecret(creds, "credentials"));
  if (nkey !== undefined) {
    const seed = /^S[A-Z0-9]{57}$/.test(nkey) ? Buffer.from(nkey) : readSecret(nkey, "nkey seed");
    resolved.authenticator = nkeyAuthenticator(Buffer.from(seed.toString().trim()));
  }
  return resolved;
}

/** The servers that options lead to, for messages. Never shows credentials. */
export function serversOf(options: ConnectionOptions): string {
  const servers = typeof options.servers === "string" ? [options.servers] : (options.servers ?? []);
  return servers.map((server) => server.replace(/\/\/[^@/]*@/, "//…@")).join(", ");
}

function withContext(options: NatsOptions): Omit<NatsOptions, "context"> {
  const { context, ...given } = options;
  if (context === undefined) return given;
  const { jwt, seed, ...fields } = readNatsContext(context === true ? undefined : context);
  const merged: NatsOptions = { ...fields, ...given };
  if (jwt !== undefined && seed !== undefined)
    merged.authenticator ??= jwtAuthenticator(jwt, Buffer.from(seed));
  return merged;
}

function readSecret(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new MeshError("bad_request", `the ${what} file ${path} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
