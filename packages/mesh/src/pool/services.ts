import type { Method } from "../actor/method.ts";
import { jsonSchemaOf } from "../contract/schema.ts";
import { ROOT_METADATA } from "../protocol/service-metadata.ts";
import type { Subjects } from "../protocol/subjects.ts";
import { oversized } from "../transport/oversized.ts";
import type { Message, Subscription, Transport } from "../transport/transport.ts";
import type { Replica } from "./replica.ts";

/**
 * Every replica is also a NATS micro service (NATS ADR-32), so `nats micro ls|info|stats|ping` shows the mesh.
 * The library's own framework is not used: it times only the synchronous part of a handler, its drain does not wait
 * for handlers, and it takes nine subscriptions for each service where this takes two.
 */

type Verb = "PING" | "INFO" | "STATS";
const PREFIX = "$SRV";

interface Member {
  replica: Replica;
  started: string;
  subscriptions: Subscription[];
}

export class Services {
  private readonly transport: Transport;
  private readonly subjects: Subjects;
  private readonly queueGroup: string;
  private readonly members = new Map<Replica, Member>();
  private everyone: Subscription | undefined;

  constructor(transport: Transport, subjects: Subjects, queueGroup: string) {
    this.transport = transport;
    this.subjects = subjects;
    this.queueGroup = queueGroup;
  }

  add(replica: Replica): void {
    const { name } = replica.actor;
    this.everyone ??= this.transport.subscribe(`${PREFIX}.*`, (message) => {
      for (const member of this.members.values()) this.answer(member, message);
    });
    const member: Member = { replica, started: new Date().toISOString(), subscriptions: [] };
    member.subscriptions = [`${PREFIX}.*.${name}`, `${PREFIX}.*.${name}.${replica.id}`].map((subject) =>
      this.transport.subscribe(subject, (message) => this.answer(member, message)),
    );
    this.members.set(replica, member);
  }

  remove(replica: Replica): void {
    for (const each of this.members.get(replica)?.subscriptions ?? []) each.unsubscribe();
    this.members.delete(replica);
    if (this.members.size > 0) return;
    this.everyone?.unsubscribe();
    this.everyone = undefined;
  }

  private answer(member: Member, message: Message): void {
    const verb = message.subject.split(".")[1] as Verb;
    const body = this.describe(verb, member);
    if (!body || !message.reply) return;
    let payload = Buffer.from(JSON.stringify(body));
    if (payload.length > this.transport.maxPayload && verb === "INFO") {
      payload = Buffer.from(JSON.stringify(this.info(member, false)));
    }
    if (payload.length > this.transport.maxPayload)
      throw oversized(payload.length, this.transport.maxPayload);
    this.transport.publish(message.reply, payload);
  }

  private describe(verb: Verb, member: Member): object | undefined {
    if (verb === "PING") return { type: "io.nats.micro.v1.ping_response", ...this.identity(member) };
    if (verb === "INFO") return this.info(member, true);
    if (verb === "STATS") return this.stats(member);
    return undefined;
  }

  private identity({ replica }: Member): object {
    const { contract, concurrency = 1 } = replica.actor.agent;
    return {
      name: contract.name,
      id: replica.id,
      version: contract.version,
      metadata: { [ROOT_METADATA]: this.subjects.root, concurrency: String(concurrency) },
    };
  }

  private info(member: Member, withSchemas: boolean): object {
    return {
      type: "io.nats.micro.v1.info_response",
      ...this.identity(member),
      description: member.replica.actor.agent.contract.description ?? "",
      endpoints: this.endpoints(member, (method) => ({ metadata: metadataOf(method, withSchemas) })),
    };
  }

  private stats(member: Member): object {
    return {
      type: "io.nats.micro.v1.stats_response",
      ...this.identity(member),
      started: member.started,
      endpoints: this.endpoints(member, ({ stats }) => ({
        num_requests: stats.ended,
        num_errors: stats.failed,
        last_error: stats.lastError,
        processing_time: Math.round(stats.runningMs * 1e6),
        average_processing_time: stats.ended ? Math.round((stats.runningMs * 1e6) / stats.ended) : 0,
        data: {
          waiting_time: Math.round(stats.waitingMs * 1e6),
          errors: Object.fromEntries(stats.errors),
        },
      })),
    };
  }

  private endpoints({ replica }: Member, more: (method: Method) => object): object[] {
    const { name, methods } = replica.actor;
    return [...methods.values()].map((method) => ({
      name: method.name,
      subject: this.subjects.method(name, method.name),
      queue_group: this.queueGroup,
      ...more(method),
    }));
  }
}

/** NATS allows only strings here. */
function metadataOf({ contract, timeoutMs }: Method, withSchemas: boolean): Record<string, string> {
  const metadata: Record<string, string> = { timeout_ms: String(timeoutMs) };
  if (contract.description !== undefined) metadata["description"] = contract.description;
  if (contract.idempotent) metadata["idempotent"] = "true";
  if (contract.chunk) metadata["stream"] = "true";
  if (!withSchemas) return metadata;
  metadata["input"] = JSON.stringify(jsonSchemaOf(contract.input, "input"));
  if (contract.output) metadata["output"] = JSON.stringify(jsonSchemaOf(contract.output, "output"));
  if (contract.chunk) metadata["chunk"] = JSON.stringify(jsonSchemaOf(contract.chunk, "output"));
  return metadata;
}
