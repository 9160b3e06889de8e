import type { Method } from "../actor/method.ts";
import { jsonSchemaOf } from "../contract/schema.ts";
import { concurrencyText } from "../limit/concurrency.ts";
import { POLICY_METADATA, ROOT_METADATA } from "../protocol/service-metadata.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Message, Subscription, Transport } from "../transport/transport.ts";
import type { Replica } from "./replica.ts";

/**
 * Every replica is also a NATS micro service (NATS ADR-32), so `nats micro ls|info|stats|ping` shows the mesh.
 * The library's own framework is not used: it times only the synchronous part of a handler, its drain does not wait
 * for handlers, and it takes nine subscriptions for each service where this takes two.
 */

const PREFIX = "$SRV";

interface Member {
  replica: Replica;
  started: string;
  subscriptions: Subscription[];
  /** Made when it is first asked for, and anew when its slots are other ones; nothing else changes. */
  info: { slots: number; payload: Buffer } | undefined;
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
    const started = new Date().toISOString();
    const member: Member = { replica, started, subscriptions: [], info: undefined };
    this.members.set(replica, member);
    for (const subject of [`${PREFIX}.*.${name}`, `${PREFIX}.*.${name}.${replica.id}`]) {
      member.subscriptions.push(this.transport.subscribe(subject, (message) => this.answer(member, message)));
    }
  }

  remove(replica: Replica): void {
    for (const each of this.members.get(replica)?.subscriptions ?? []) each.unsubscribe();
    this.members.delete(replica);
    if (this.members.size > 0) return;
    this.everyone?.unsubscribe();
    this.everyone = undefined;
  }

  private answer(member: Member, message: Message): void {
    const { actor } = member.replica;
    // One that cannot answer must not keep the others from it.
    try {
      const payload = this.describe(message.subject.split(".")[1], member);
      if (payload && message.reply) this.transport.publish(message.reply, payload);
    } catch (error) {
      actor.log.warn({ err: error, subject: message.subject }, "a question about this service got no answer");
    }
  }

  private describe(verb: string | undefined, member: Member): Buffer | undefined {
    if (verb === "PING") return json({ type: "io.nats.micro.v1.ping_response", ...this.identity(member) });
    if (verb === "INFO") return this.infoNow(member);
    if (verb === "STATS") return json(this.stats(member));
    return undefined;
  }

  private infoNow(member: Member): Buffer {
    const { slots } = member.replica.actor;
    if (member.info?.slots !== slots) member.info = { slots, payload: this.fittingInfo(member) };
    return member.info.payload;
  }

  /** Schemas are left out where they would not fit into one message. */
  private fittingInfo(member: Member): Buffer {
    const info = json(this.info(member, true));
    return info.length > this.transport.maxPayload ? json(this.info(member, false)) : info;
  }

  private identity({ replica }: Member): object {
    const { agent, slots } = replica.actor;
    const { contract, concurrency } = agent;
    return {
      name: contract.name,
      id: replica.id,
      version: contract.version,
      metadata: {
        [ROOT_METADATA]: this.subjects.root,
        concurrency: String(slots),
        ...(typeof concurrency === "object" ? { [POLICY_METADATA]: concurrencyText(concurrency) } : {}),
      },
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
    const { actor } = member.replica;
    const { unserved } = actor.methods;
    return {
      type: "io.nats.micro.v1.stats_response",
      ...this.identity(member),
      started: member.started,
      data: {
        errors: unserved.errors,
        last_error: unserved.lastError,
        restarts: actor.lives.renewals,
        moved: member.replica.moved,
        sessions: actor.sessions?.size,
        status: actor.inspect(),
      },
      endpoints: this.endpoints(member, ({ stats, cache }) => ({
        num_requests: stats.ended,
        num_errors: stats.failed,
        last_error: stats.lastError,
        processing_time: Math.round(stats.runningMs * 1e6),
        average_processing_time: Math.round(stats.averageMs * 1e6),
        data: {
          num_started: stats.started,
          waiting_time: Math.round(stats.waitingMs * 1e6),
          errors: stats.errors,
          cache: cache?.figures,
        },
      })),
    };
  }

  private endpoints({ replica }: Member, more: (method: Method) => object): object[] {
    const { name, methods } = replica.actor;
    return [...methods].map((method) => ({
      name: method.name,
      subject: this.subjects.method(name, method.name),
      queue_group: this.queueGroup,
      ...more(method),
    }));
  }
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** NATS allows only strings here. */
function metadataOf({ contract, timeoutMs, cache }: Method, withSchemas: boolean): Record<string, string> {
  const metadata: Record<string, string> = { timeout_ms: String(timeoutMs) };
  if (contract.description !== undefined) metadata["description"] = contract.description;
  if (contract.idempotent) metadata["idempotent"] = "true";
  if (contract.chunk) metadata["stream"] = "true";
  if (cache) metadata["cache_ttl_ms"] = String(cache.policy.ttlMs);
  if (!withSchemas) return metadata;
  metadata["input"] = JSON.stringify(jsonSchemaOf(contract.input, "input"));
  if (contract.output) metadata["output"] = JSON.stringify(jsonSchemaOf(contract.output, "output"));
  if (contract.chunk) metadata["chunk"] = JSON.stringify(jsonSchemaOf(contract.chunk, "output"));
  return metadata;
}
