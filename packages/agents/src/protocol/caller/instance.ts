import { bytesOf } from "../size.ts";
import { SERVICE } from "../terms.ts";

/** An agent somewhere, as it describes itself (§4.3). */
export interface Instance {
  /** Of its micro service; its heartbeats have it too. */
  readonly id: string;
  readonly agent: string;
  readonly owner: string;
  /** Last token of its subject, where that is the usual one; else the session that it names, or nothing. */
  readonly name: string;
  /** Where it is prompted: taken as it is told. */
  readonly subject: string;
  /** Bytes of the largest prompt; undefined when it does not say. */
  readonly maxPayload: number | undefined;
  /** False when it says so. */
  readonly attachmentsOk: boolean;
}

/** What `$SRV.INFO` tells of an agent. @returns undefined for what is none of the protocol */
export function instanceIn(payload: Uint8Array): Instance | undefined {
  const record = recordIn(payload);
  if (record["name"] !== SERVICE) return undefined;
  const metadata = fieldsOf(record["metadata"]);
  const id = textIn(record, "id");
  const agent = textIn(metadata, "agent");
  const owner = textIn(metadata, "owner");
  const version = textIn(metadata, "protocol_version");
  const endpoints = Array.isArray(record["endpoints"]) ? record["endpoints"].map(fieldsOf) : [];
  const prompt = endpoints.find((each) => each["name"] === "prompt") ?? {};
  const subject = textIn(prompt, "subject");
  if ([id, agent, owner, version, subject].includes("")) return undefined;
  const terms = fieldsOf(prompt["metadata"]);
  const usual = /^agents\.prompt\.[^.]+\.[^.]+\.([^.]+)$/.exec(subject)?.[1];
  return {
    id,
    agent,
    owner,
    name: usual ?? textIn(metadata, "session"),
    subject,
    maxPayload: bytesOf(textIn(terms, "max_payload")),
    attachmentsOk: textIn(terms, "attachments_ok") !== "false",
  };
}

/** What a heartbeat tells that its reader needs (§8.3). */
export interface Beat {
  readonly id: string;
  readonly intervalS: number;
}

/** @returns undefined for what is no heartbeat */
export function beatIn(payload: Uint8Array): Beat | undefined {
  const record = recordIn(payload);
  const id = textIn(record, "instance_id");
  const intervalS = record["interval_s"];
  return id !== "" && typeof intervalS === "number" && intervalS > 0 ? { id, intervalS } : undefined;
}

function recordIn(payload: Uint8Array): Record<string, unknown> {
  try {
    return fieldsOf(JSON.parse(Buffer.from(payload).toString()));
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Empty when the field is no text. */
function textIn(record: Record<string, unknown>, key: string): string {
  const value = record[key];
  return typeof value === "string" ? value : "";
}
