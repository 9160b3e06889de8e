import { readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { TlsOptions } from "nats";
import { MeshError, messageOf } from "../errors.ts";

/** What a context of the `nats` CLI says about how to connect. */
export interface NatsContext {
  servers?: string[];
  user?: string;
  pass?: string;
  token?: string;
  creds?: string;
  nkey?: string;
  jwt?: string;
  seed?: string;
  inboxPrefix?: string;
  tls?: TlsOptions;
}

/**
 * Reads `<config>/nats/context/<name>.json`, where the `nats` CLI keeps its contexts.
 * @param name undefined for the selected one
 * @throws MeshError `bad_request` when there is none of that name; it lists those that exist
 */
export function readNatsContext(name: string | undefined): NatsContext {
  const base = join(process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "nats");
  const chosen = name ?? selected(base);
  if (!/^[^/\\]+$/.test(chosen) || chosen === "..") {
    throw new MeshError("bad_request", `${JSON.stringify(chosen)} is not the name of a NATS context.`);
  }
  const file = join(base, "context", `${chosen}.json`);
  let fields: Record<string, unknown>;
  try {
    fields = objectIn(readFileSync(file, "utf8"));
  } catch (error) {
    const known = names(base);
    throw new MeshError(
      "bad_request",
      `the NATS context "${chosen}" cannot be read from ${file}: ${messageOf(error)}. ` +
        (known.length
          ? `Contexts that exist: ${known.join(", ")}.`
          : "No context exists: see `nats context add --help`."),
      { cause: error },
    );
  }
  return fromFields(fields);
}

function objectIn(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new TypeError("it is not a JSON object");
}

function fromFields(fields: Record<string, unknown>): NatsContext {
  const context: NatsContext = {};
  const text = (key: string): string | undefined => {
    const value = fields[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const path = (key: string): string | undefined => text(key)?.replace(/^~(?=[/\\])/, homedir());
  const put = <K extends keyof NatsContext>(key: K, value: NatsContext[K] | undefined): void => {
    if (value !== undefined) context[key] = value;
  };
  put(
    "servers",
    text("url")
      ?.split(",")
      .map((url) => url.trim()),
  );
  put("user", text("user"));
  put("pass", text("password"));
  put("token", text("token"));
  put("creds", path("creds"));
  put("nkey", path("nkey"));
  put("jwt", text("user_jwt"));
  put("seed", text("user_seed"));
  put("inboxPrefix", text("inbox_prefix"));
  const tls: TlsOptions = {};
  const [cert, key, ca] = [path("cert"), path("key"), path("ca")];
  if (cert) tls.certFile = cert;
  if (key) tls.keyFile = key;
  if (ca) tls.caFile = ca;
  if (fields["tls_first"] === true) tls.handshakeFirst = true;
  if (Object.keys(tls).length > 0) context.tls = tls;
  return context;
}

function selected(base: string): string {
  try {
    const name = readFileSync(join(base, "context.txt"), "utf8").trim();
    if (name !== "") return name;
    throw new Error("context.txt is empty");
  } catch (error) {
    throw new MeshError(
      "bad_request",
      "no NATS context is selected: name one, or run `nats context select`.",
      {
        cause: error,
      },
    );
  }
}

function names(base: string): string[] {
  try {
    return readdirSync(join(base, "context"))
      .filter((file) => file.endsWith(".json"))
      .map((file) => file.slice(0, -".json".length));
  } catch {
    return [];
  }
}
