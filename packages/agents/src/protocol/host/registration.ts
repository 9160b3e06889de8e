import { randomBytes } from "node:crypto";
import type { Contract } from "@shoal/mesh";
import { type Identity, subjectOf } from "../identity.ts";
import type { Terms } from "../prompt.ts";
import { sizeText } from "../size.ts";
import { GROUP, PROTOCOL_VERSION, SERVICE } from "../terms.ts";
import type { HostSettings } from "./options.ts";
import type { PromptFigures } from "./figures.ts";

const RESPONSE = "io.nats.micro.v1";

/** One instance of an agent, as it describes itself: a micro service of NATS (ADR-32), and a heartbeat. */
export class Registration {
  /** Of this instance alone. */
  readonly id: string = randomBytes(11).toString("hex").toUpperCase();
  readonly promptSubject: string;
  readonly statusSubject: string;
  readonly heartbeatSubject: string;
  private readonly contract: Contract;
  private readonly settings: HostSettings;
  private readonly terms: Terms;
  private readonly started = new Date().toISOString();

  constructor(contract: Contract, settings: HostSettings, terms: Terms) {
    this.contract = contract;
    this.settings = settings;
    this.terms = terms;
    const of: Identity = settings.identity;
    this.promptSubject = subjectOf("prompt", of);
    this.statusSubject = subjectOf("status", of);
    this.heartbeatSubject = subjectOf("hb", of);
  }

  /** Where NATS asks all services, all agents of the protocol, and this one (ADR-32). */
  get questions(): string[] {
    return ["$SRV.*", `$SRV.*.${SERVICE}`, `$SRV.*.${SERVICE}.${this.id}`];
  }

  /** @returns undefined for a question that is not known */
  answer(verb: string | undefined, figures: PromptFigures): Uint8Array | undefined {
    if (verb === "PING") return json({ type: `${RESPONSE}.ping_response`, ...this.about() });
    if (verb === "INFO") return json(this.info());
    if (verb === "STATS") return json(this.stats(figures));
    return undefined;
  }

  /** §8.3: the same for a heartbeat and for `status`. */
  heartbeat(): Uint8Array {
    const { identity, session, intervalS } = this.settings;
    return json({
      agent: identity.agent,
      owner: identity.owner,
      ...(session === undefined ? {} : { session }),
      instance_id: this.id,
      ts: new Date().toISOString(),
      interval_s: intervalS,
    });
  }

  private about(): object {
    const { identity, session } = this.settings;
    return {
      name: SERVICE,
      id: this.id,
      version: this.contract.version,
      // §3.2
      metadata: {
        agent: identity.agent,
        owner: identity.owner,
        ...(session === undefined ? {} : { session }),
        protocol_version: PROTOCOL_VERSION,
      },
    };
  }

  private info(): object {
    const { maxPayload, attachmentsOk } = this.terms;
    // §2.1
    const metadata = { max_payload: sizeText(maxPayload), attachments_ok: String(attachmentsOk) };
    return {
      type: `${RESPONSE}.info_response`,
      ...this.about(),
      description: this.contract.description ?? `the agent ${this.contract.name} of a Shoal mesh`,
      endpoints: [
        { name: "prompt", subject: this.promptSubject, queue_group: GROUP, metadata },
        { name: "status", subject: this.statusSubject, queue_group: GROUP, metadata: {} },
      ],
    };
  }

  private stats({ prompts, failed, lastError, tookMs, statuses }: PromptFigures): object {
    const nanoseconds = Math.round(tookMs * 1e6);
    return {
      type: `${RESPONSE}.stats_response`,
      ...this.about(),
      started: this.started,
      endpoints: [
        {
          name: "prompt",
          subject: this.promptSubject,
          queue_group: GROUP,
          num_requests: prompts,
          num_errors: failed,
          last_error: lastError,
          processing_time: nanoseconds,
          average_processing_time: prompts === 0 ? 0 : Math.round(nanoseconds / prompts),
        },
        {
          name: "status",
          subject: this.statusSubject,
          queue_group: GROUP,
          num_requests: statuses,
          num_errors: 0,
          last_error: "",
          processing_time: 0,
          average_processing_time: 0,
        },
      ],
    };
  }
}

function json(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
