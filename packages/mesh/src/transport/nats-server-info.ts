import type { ServerInfo as Introduction } from "nats";
import type { ServerInfo } from "./transport.ts";

/** @param address of the server, as the connection knows it */
export function serverInfoOf(info: Introduction, address: string): ServerInfo {
  return {
    name: info.server_name,
    version: info.version,
    address,
    cluster: info.cluster,
    maxPayload: info.max_payload,
    hasJetStream: info.jetstream ?? false,
    isTls: info.tls_required ?? false,
    hasAuthorization: info.auth_required ?? false,
  };
}
