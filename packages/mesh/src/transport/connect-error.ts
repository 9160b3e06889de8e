import { NatsError } from "nats";
import { MeshError, messageOf } from "../errors.ts";

/** The library's codes for options that no server can make good. */
const BAD_OPTIONS: ReadonlySet<string> = new Set([
  "BAD_CREDS",
  "INVALID_OPTION",
  "NOT_FUNC",
  "BAD API",
  "TLS",
]);
const UNTRUSTED = /CERT|UNABLE_TO_|SELF_SIGNED|certificate/;

/** Why a connection was not made, as the caller should see it. `servers` must not show credentials. */
export function connectError(error: unknown, servers: string): MeshError {
  const why = messageOf(error);
  const code = codeOf(error);
  const fail = (meshCode: "bad_request" | "unauthorized" | "unavailable", sentence: string): MeshError =>
    new MeshError(meshCode, sentence, { cause: error });
  if (BAD_OPTIONS.has(code)) return fail("bad_request", `these options cannot be used with NATS: ${why}.`);
  if (code === "SERVER_OPT_NA") {
    return fail("bad_request", `NATS at ${servers} does not offer what the options ask for: ${why}.`);
  }
  if (
    (error instanceof NatsError && /AUTH|ACCOUNT/.test(code)) ||
    /authorization|authentication/i.test(why)
  ) {
    return fail("unauthorized", `NATS at ${servers} refused the credentials: ${why}.`);
  }
  if (UNTRUSTED.test(code)) {
    return fail(
      "unauthorized",
      `the certificate of NATS at ${servers} is not trusted: ${why}. Name its authority in \`tls.caFile\`.`,
    );
  }
  return fail(
    "unavailable",
    `NATS at ${servers} cannot be reached: ${why}. Is it running, and is the address right? \`shoal up\` starts one.`,
  );
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return String(error.code);
}
