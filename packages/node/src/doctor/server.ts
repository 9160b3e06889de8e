import type { ServerInfo } from "@shoal/mesh";
import { type Finding, ok, problem, warning } from "./finding.ts";

const TOPIC = "NATS";
/** Sessions and answers that are kept together need what came with it. */
const LEAST_VERSION = [2, 11] as const;
const SLOW_MS = 20;
const SMALL_BYTES = 65_536;
const LOOPBACK = /^(127\.|localhost|\[?::1)/;

/** What the server says of itself, and how far away it is. @param rttMs there and back */
export function serverFindings(server: ServerInfo, rttMs: number): Finding[] {
  return [
    versionFinding(server),
    reachFinding(server, rttMs),
    secrecyFinding(server),
    payloadFinding(server),
  ];
}

function versionFinding({ name, version, address, cluster }: ServerInfo): Finding {
  const where = cluster === undefined ? "alone" : `in the cluster ${cluster}`;
  const text = `${name} at ${address}, nats-server ${version}, ${where}`;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isEnough = major > LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor >= LEAST_VERSION[1]);
  if (isEnough) return ok(TOPIC, text);
  return problem(
    TOPIC,
    text,
    `sessions and shared answers need nats-server ${LEAST_VERSION.join(".")} or later`,
  );
}

function reachFinding({ address }: ServerInfo, rttMs: number): Finding {
  const text = `round trip ${rttMs.toFixed(1)} ms`;
  if (rttMs <= SLOW_MS) return ok(TOPIC, text);
  return warning(
    TOPIC,
    text,
    `every call takes at least twice that: use a server nearer than ${address}, or a leaf node`,
  );
}

function secrecyFinding({ address, isTls, hasAuthorization }: ServerInfo): Finding {
  const text = `${isTls ? "TLS" : "no TLS"}, ${hasAuthorization ? "users" : "no users"}`;
  if (LOOPBACK.test(address) || (isTls && hasAuthorization)) return ok(TOPIC, text);
  const lacks = [!isTls && "reads all that is sent", !hasAuthorization && "may serve agents and call them"];
  return warning(
    TOPIC,
    text,
    `anybody on the network ${lacks.filter(Boolean).join(", and ")}: docs/deploying.md has TLS and permissions`,
  );
}

function payloadFinding({ maxPayload }: ServerInfo): Finding {
  const text = `messages of ${Math.round(maxPayload / 1_024)} KiB`;
  if (maxPayload >= SMALL_BYTES) return ok(TOPIC, text);
  return warning(TOPIC, text, "schemas and answers may not fit: set max_payload to 1MB, as it is by default");
}
