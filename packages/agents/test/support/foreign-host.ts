import type { PortMessage } from "@shoal/mesh";
import type { TappedTransport } from "@shoal/mesh/testing";
import { CODE_HEADER, TEXT_HEADER } from "../../src/protocol/terms.ts";

interface ForeignParts {
  id?: string;
  subject?: string;
  /** Metadata of its `prompt` endpoint. */
  terms?: Record<string, string>;
  metadata?: Record<string, string>;
  onPrompt?: (prompt: ForeignPrompt) => void;
}

/** A prompt that somebody sent, and how it is answered, message by message. */
export interface ForeignPrompt {
  readonly text: string;
  say(type: string, data: unknown): void;
  raw(payload: string | Uint8Array, headers?: Record<string, string>): void;
  fail(code: number, text: string, body?: object): void;
  end(): void;
}

/** An agent of the protocol that is no part of a mesh, and does what a test says. */
export class ForeignHost {
  readonly id: string;
  readonly prompts: ForeignPrompt[] = [];
  /** Payloads as they came. */
  readonly payloads: string[] = [];
  /** Times that somebody asked who is there. */
  asked = 0;
  private readonly transport: TappedTransport;
  private readonly parts: ForeignParts;
  private readonly stops: (() => void)[] = [];

  constructor(transport: TappedTransport, parts: ForeignParts = {}) {
    this.transport = transport;
    this.parts = parts;
    this.id = parts.id ?? "ONE";
    const listen = (subject: string, hear: (message: PortMessage) => void): void => {
      const subscription = transport.subscribe(subject, hear);
      this.stops.push(() => subscription.unsubscribe());
    };
    listen("$SRV.INFO.agents", ({ reply }) => {
      this.asked++;
      transport.publish(reply, Buffer.from(JSON.stringify(this.info)));
    });
    listen(this.subject, ({ payload, reply }) => this.onPrompt(payload, reply));
  }

  get subject(): string {
    return this.parts.subject ?? "agents.prompt.pi.bob.main";
  }

  beat(intervalS = 30): void {
    const beat = {
      agent: "pi",
      owner: "bob",
      instance_id: this.id,
      ts: "2026-01-01T00:00:00Z",
      interval_s: intervalS,
    };
    this.transport.publish("agents.hb.pi.bob.main", Buffer.from(JSON.stringify(beat)));
  }

  leave(): void {
    for (const stop of this.stops) stop();
  }

  private get info(): object {
    const { terms = { max_payload: "1MB", attachments_ok: "true" }, metadata = {} } = this.parts;
    return {
      name: "agents",
      id: this.id,
      version: "1.0.0",
      metadata: { agent: "pi", owner: "bob", protocol_version: "0.3", ...metadata },
      endpoints: [{ name: "prompt", subject: this.subject, queue_group: "agents", metadata: terms }],
    };
  }

  private onPrompt(payload: Uint8Array, reply: string): void {
    const raw = (bytes: string | Uint8Array, headers?: Record<string, string>): void =>
      this.transport.publish(reply, Buffer.from(bytes), headers ? { headers } : {});
    const text = Buffer.from(payload).toString();
    const prompt: ForeignPrompt = {
      text,
      raw,
      say: (type, data) => raw(JSON.stringify({ type, data })),
      fail: (code, why, body) =>
        raw(body ? JSON.stringify(body) : "", { [CODE_HEADER]: String(code), [TEXT_HEADER]: why }),
      end: () => raw(""),
    };
    this.payloads.push(text);
    this.prompts.push(prompt);
    this.parts.onPrompt?.(prompt);
  }
}
