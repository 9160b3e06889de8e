import {
  type Agent,
  type Contract,
  type Duration,
  MeshError,
  type PortMessage,
  type PortSubscription,
  toMs,
} from "@shoal/mesh";
import type { Terms } from "../prompt.ts";
import { type PromptMethod, promptMethodOf } from "../prompt-method.ts";
import { GROUP } from "../terms.ts";
import type { Identity } from "../identity.ts";
import { noFigures } from "./figures.ts";
import { type HostSettings, type ProtocolOptions, hostSettings } from "./options.ts";
import { type HostMesh, Prompting } from "./prompting.ts";
import { Registration } from "./registration.ts";

/**
 * An agent of a mesh, as an agent of the protocol.
 *
 * OP5: it hears prompts from when it is known to NATS until it stops; those that it has heard by then are answered.
 * OP6: heartbeats come at once and then at their interval; the last one before it stops hearing prompts.
 */
export class ProtocolHost implements AsyncDisposable {
  readonly identity: Identity;
  private readonly registration: Registration;
  private readonly mesh: HostMesh;
  private readonly settings: HostSettings;
  private readonly figures = noFigures();
  private readonly prompting: Prompting;
  private readonly others: PortSubscription[] = [];
  private prompts: PortSubscription | undefined;
  private stopBeating: (() => void) | undefined;
  private stopping: Promise<void> | undefined;

  constructor(mesh: HostMesh, contract: Contract, method: PromptMethod, settings: HostSettings) {
    this.mesh = mesh;
    this.settings = settings;
    this.identity = settings.identity;
    const terms: Terms = { maxPayload: mesh.port.maxPayload, attachmentsOk: method.takesAttachments };
    this.registration = new Registration(contract, settings, terms);
    this.prompting = new Prompting({ mesh, contract, method, settings, terms, figures: this.figures });
  }

  /** Unique to this instance: callers know by it whether it lives. */
  get instanceId(): string {
    return this.registration.id;
  }

  /** Resolves when callers find it. @throws MeshError `forbidden` when NATS does not let this user listen there */
  async start(): Promise<void> {
    const { port } = this.mesh;
    const { registration } = this;
    const group = { queue: GROUP };
    // OP5
    this.prompts = port.subscribe(
      registration.promptSubject,
      (message) => this.prompting.take(message),
      group,
    );
    this.others.push(port.subscribe(registration.statusSubject, (message) => this.onStatus(message), group));
    for (const subject of registration.questions)
      this.others.push(port.subscribe(subject, (message) => this.onQuestion(message)));
    await port.flush();
    const refusal = [this.prompts, ...this.others].map((each) => each.refusal).find(Boolean);
    if (refusal !== undefined) {
      this.leave();
      throw new MeshError(
        "forbidden",
        `NATS does not let this user serve the open agent protocol: ${refusal}. ` +
          "It needs to subscribe to `agents.prompt.>`, `agents.status.>` and `$SRV.>`, and to publish to `agents.hb.>`.",
      );
    }
    if (port.leaving.aborted) return this.stop();
    port.leaving.addEventListener("abort", () => void this.stop(), { once: true });
    this.beat();
  }

  /**
   * Leaves at once, and answers the prompts that it has. Those that are not done by then are told so. Idempotent.
   * @param options.timeout default 25 s
   */
  stop({ timeout = "25s" }: { timeout?: Duration } = {}): Promise<void> {
    return (this.stopping ??= this.finish(toMs(timeout, "timeout")));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async finish(timeoutMs: number): Promise<void> {
    const { prompts } = this;
    this.stopBeating?.();
    for (const each of this.others) each.unsubscribe();
    await prompts?.drain();
    await this.prompting.finish(timeoutMs);
  }

  private leave(): void {
    for (const each of [this.prompts, ...this.others]) each?.unsubscribe();
  }

  /** OP6 */
  private beat(): void {
    const { port } = this.mesh;
    const { registration, settings } = this;
    this.stopBeating = port.clock.after(settings.intervalS * 1_000, () => this.beat());
    // What is said while the connection is down would be old when it arrives.
    if (port.isConnected) port.publish(registration.heartbeatSubject, registration.heartbeat());
  }

  private onStatus({ reply }: PortMessage): void {
    this.figures.statuses++;
    if (reply) this.mesh.port.publish(reply, this.registration.heartbeat());
  }

  private onQuestion({ subject, reply }: PortMessage): void {
    const answer = this.registration.answer(subject.split(".")[1], this.figures);
    if (answer && reply) this.mesh.port.publish(reply, answer);
  }
}

/**
 * Makes an agent of a mesh one of the open agent protocol too: it is found, prompted and watched like any other of its
 * agents, and each prompt is a call of the agent in the mesh.
 *
 *     await mesh.serve(writer);
 *     const host = await hostProtocol(mesh, writer, { owner: "me" });   // agents.prompt.shoal.me.writer
 *
 * It ends with the mesh, or with `host.stop()`.
 * @throws MeshError `bad_request` for an agent that has no method for prompts, or for options that make no sense;
 *   `forbidden` when NATS does not let this user listen
 */
export async function hostProtocol(
  mesh: HostMesh,
  agent: Agent | Contract,
  options: ProtocolOptions,
): Promise<ProtocolHost> {
  const contract = "contract" in agent ? agent.contract : agent;
  const method = promptMethodOf(contract);
  if (!method) {
    throw new MeshError(
      "bad_request",
      `agent "${contract.name}" is none of the open agent protocol: its default method must take text, or an object with ` +
        "exactly one required text, and give text or a stream of text.",
      { agent: contract.name },
    );
  }
  const host = new ProtocolHost(
    mesh,
    contract,
    method,
    hostSettings({ root: mesh.root, name: contract.name }, options),
  );
  await host.start();
  return host;
}
