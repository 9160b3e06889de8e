import { gather } from "../client/gather.ts";
import { parseRecord, textIn } from "../client/service-record.ts";
import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import { textOf } from "../protocol/body.ts";
import { errorOf } from "../protocol/failure.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Message, Transport } from "../transport/transport.ts";
import type { ControlRequest } from "./control-request.ts";
import { noNode, pickNode } from "./node-name.ts";

/** What a node has answered. Anybody may answer, so nothing is certain about its other fields. */
export interface NodeAnswer {
  readonly node: string;
  readonly [field: string]: unknown;
}

/** What a node may take to answer: one whose event loop is held answers later, or never. */
const PATIENCE_MS = 3_000;

interface Asking {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly subjects: Subjects;
}

/**
 * The nodes of a mesh, as they can be asked and told: `mesh.nodes.ask("worker", { op: "inspect" })`.
 *
 * IN10: what one node is told, no other is, however alike their names are.
 */
export class Nodes {
  private readonly parts: Asking;

  constructor({ transport, clock, subjects }: Asking) {
    this.parts = { transport, clock, subjects };
  }

  /** Names of the nodes that answer, sorted. Takes about 150 ms. */
  async names(): Promise<string[]> {
    return (await this.askAll({ op: "ping" })).map(({ node }) => node);
  }

  /**
   * Asks one node.
   * @param wanted its name, the name that it was given, or what its name begins with
   * @throws MeshError `unavailable` when there is none, `bad_request` when there are several, `timeout` when it does not
   *   answer within 3 s, and what the node itself says
   */
  async ask(wanted: string, request: ControlRequest): Promise<NodeAnswer> {
    const answer = await this.askNamed(wanted, request);
    if (answer) return answer;
    const names = await this.names();
    // IN10
    const node = pickNode(wanted, names);
    const found = await this.askNamed(node, request);
    if (found) return found;
    throw noNode(
      node,
      names.filter((name) => name !== node),
    );
  }

  /**
   * Asks all nodes, and takes what comes until it has been quiet for a while: about 150 ms. Sorted by name. Nodes that have
   * nothing to say to it, or fail, are left out.
   */
  async askAll(request: ControlRequest): Promise<NodeAnswer[]> {
    const { transport, clock, subjects } = this.parts;
    this.checkConnected();
    const replies = await gather(transport, clock, subjects.everyControl, {}, encode(request));
    return replies
      .map(({ message }) => parseRecord(textOf(message.payload)))
      .filter((record) => record["error"] === undefined && textIn(record, "node") !== "")
      .map((record) => record as NodeAnswer)
      .sort((a, b) => a.node.localeCompare(b.node));
  }

  /** Undefined when no node has exactly this name. */
  private async askNamed(node: string, request: ControlRequest): Promise<NodeAnswer | undefined> {
    // Nothing else is a name, and one subject is that of all nodes.
    if (!/^[A-Za-z0-9_-]{8,}$/.test(node)) return undefined;
    this.checkConnected();
    const message = await this.first(node, encode(request));
    if (message.noResponders) return undefined;
    const record = parseRecord(textOf(message.payload));
    if (record["error"] !== undefined) throw errorOf(record);
    return { ...record, node };
  }

  private first(node: string, question: Uint8Array): Promise<Message> {
    const { transport, clock, subjects } = this.parts;
    return new Promise((resolve, reject) => {
      const inbox = transport.newInbox();
      const subscription = transport.subscribe(inbox, (message) => {
        done();
        resolve(message);
      });
      const stop = clock.after(PATIENCE_MS, () => {
        done();
        const why = "its event loop may be held up, or this user may not hear its answer";
        reject(
          new MeshError(
            "timeout",
            `node "${node}" has not answered within ${PATIENCE_MS / 1_000} s: ${why}.`,
          ),
        );
      });
      const done = (): void => {
        stop();
        subscription.unsubscribe();
      };
      transport.publish(subjects.control(node), question, { reply: inbox });
    });
  }

  private checkConnected(): void {
    const { status } = this.parts.transport;
    if (status !== "connected")
      throw new MeshError("unavailable", `no node can be asked: the connection is ${status}.`);
  }
}

function encode(request: ControlRequest): Uint8Array {
  return Buffer.from(JSON.stringify(request));
}
