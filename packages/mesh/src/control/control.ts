import { MeshError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { asMeshError, failureOf } from "../protocol/failure.ts";
import { Header } from "../protocol/headers.ts";
import type { Subjects } from "../protocol/subjects.ts";
import { addressed } from "../transport/addressed.ts";
import type { Message, Subscription, Transport } from "../transport/transport.ts";
import { readControlRequest, textField } from "./control-request.ts";
import { type Operation, Operations } from "./operations.ts";

/**
 * What a node can be asked, and told, while it runs: `nats req mesh._.ctl.<node> inspect`. On `mesh._.ctl.all` all nodes
 * are asked at once.
 *
 * IN1: who asks one node gets one answer, an object in JSON with the node's name in it, or an error as all plain errors are.
 * IN2: of those that are all asked, one that is not meant, or has nothing to say, says nothing.
 * IN3: what goes wrong here is its asker's error, and harms nothing that the node does.
 */

export interface ControlParts {
  readonly node: string;
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly log: Logger;
}

export class Control {
  private readonly parts: ControlParts;
  private readonly operations = new Operations();
  private subscriptions: Subscription[] = [];
  private isClosed = false;

  constructor(parts: ControlParts) {
    this.parts = parts;
    this.answer("ping", () => ({ operations: this.operations.names }));
  }

  /** Adds an operation, in place of another of its name. */
  answer(name: string, operation: Operation): void {
    this.operations.add(name, operation);
  }

  /** From now on it answers, unless it was closed. Idempotent. */
  open(): void {
    if (this.isClosed || this.subscriptions.length > 0) return;
    const { node, transport, subjects } = this.parts;
    const { everyControl } = subjects;
    this.subscriptions = [subjects.control(node), everyControl].map((subject) =>
      // T12
      transport.subscribe(
        subject,
        addressed(subject, (message) => void this.receive(message, subject === everyControl)),
      ),
    );
  }

  /** Says so where NATS does not let this user be asked: the node serves all the same. Known after a flush. */
  tellRefusal(): void {
    const refusal = this.subscriptions.find((each) => each.refusal !== undefined)?.refusal;
    if (refusal === undefined) return;
    this.close();
    this.parts.log.warn({ refusal }, "nobody can look into this node: NATS does not let its user subscribe");
  }

  /** Answers nothing any more. Idempotent. */
  close(): void {
    this.isClosed = true;
    for (const each of this.subscriptions.splice(0)) each.unsubscribe();
  }

  /** Never rejects. */
  private async receive(message: Message, isForAll: boolean): Promise<void> {
    if (message.reply === "") return;
    try {
      const request = readControlRequest(message.payload);
      // IN2
      if (isForAll && !this.parts.node.startsWith(textField(request, "node") ?? "")) return;
      const answer = await this.operations.run(request, isForAll);
      if (answer) this.reply(message, answer);
      else if (!isForAll)
        this.refuse(message, new MeshError("not_found", "this node has nothing of the kind."));
    } catch (error) {
      // IN3
      this.refuse(message, asMeshError(error));
    }
  }

  /** @throws MeshError `too_large` */
  private reply({ reply }: Message, answer: object): void {
    const { node, transport } = this.parts;
    // IN1
    const payload = Buffer.from(JSON.stringify({ node, ...answer }));
    if (payload.length <= transport.maxPayload) return transport.publish(reply, payload);
    throw new MeshError(
      "too_large",
      `the answer has ${payload.length} bytes, and NATS takes ${transport.maxPayload}: ask for less, such as one "agent" or a lower "limit".`,
    );
  }

  private refuse({ reply }: Message, error: MeshError): void {
    const { node, transport, log } = this.parts;
    const headers = {
      [Header.error]: error.message.slice(0, 1_024),
      [Header.errorCode]: String(error.status),
    };
    const failure = { node, ...failureOf(error), details: undefined };
    try {
      transport.publish(reply, Buffer.from(JSON.stringify(failure)), { headers });
    } catch (unsent) {
      log.debug({ reason: messageOf(unsent) }, "a question to this node got no answer");
    }
  }
}
