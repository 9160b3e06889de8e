import type { Clock } from "../clock.ts";
import type { Agent } from "../contract/agent.ts";
import type { Contract } from "../contract/contract.ts";
import { MeshError, isErrorCode } from "../errors.ts";
import { textOf } from "../protocol/body.ts";
import { type ClearRequest, encodeClear } from "../protocol/clearing.ts";
import { checkAgentName, checkMethodName } from "../protocol/names.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Message, Transport } from "../transport/transport.ts";
import { gather } from "./gather.ts";
import { type ServiceRecord, numberIn, parseRecord, textIn } from "./service-record.ts";

export interface ClearOptions {
  /** By contract, or by name. */
  readonly agent: string | Contract | Agent;
  /** Default: all methods; with `key` or `input` the agent's default method. */
  readonly method?: string | undefined;
  /** The answers for which the method's own `key` gives this. */
  readonly key?: string | undefined;
  /** The answer to this input. */
  readonly input?: unknown;
  /** The input is text as somebody typed it: JSON where the method takes JSON, else text. Default false. */
  readonly typed?: boolean | undefined;
  /** The answers with this tag. */
  readonly tag?: string | undefined;
}

export interface ClearedAnswers {
  /** Replicas that have forgotten theirs. */
  readonly replicas: number;
  /** Answers that were forgotten in their memories, and that they kept together. */
  readonly answers: number;
  readonly shared: number;
}

/** What the one replica may take that clears what all keep together. */
const SHARED_MS = 30_000;

/** Answers that replicas keep. */
export class AnswerCache {
  private readonly transport: Transport;
  private readonly clock: Clock;
  private readonly subjects: Subjects;

  constructor({ transport, clock, subjects }: { transport: Transport; clock: Clock; subjects: Subjects }) {
    this.transport = transport;
    this.clock = clock;
    this.subjects = subjects;
  }

  /**
   * Has all replicas of an agent forget answers: those that are kept together, then each replica's own. What is being
   * made meanwhile is given to those that wait, and not kept. Takes about 150 ms.
   * @throws MeshError `unavailable` when nobody keeps answers of this agent, or what is kept together cannot be reached;
   *   `bad_request` for what makes no sense there
   */
  async clear({ agent: of, method, key, input, typed, tag }: ClearOptions): Promise<ClearedAnswers> {
    const agent = nameOf(of);
    if (method !== undefined) checkMethodName(method);
    if (key !== undefined && input !== undefined)
      throw new MeshError("bad_request", "clear by key or by input, not by both.");
    if (this.transport.status !== "connected") {
      throw new MeshError(
        "unavailable",
        `nothing can be cleared: the connection is ${this.transport.status}.`,
      );
    }
    const request: ClearRequest = { method, key, input, typed, tag };
    // First: a replica that forgets its own must not find them there again.
    const question = encodeClear(request);
    const shared = await this.askOne(this.subjects.sharedCache(agent), question);
    const replies = await gather(this.transport, this.clock, this.subjects.cache(agent), {}, question);
    if (replies.length === 0)
      throw new MeshError("unavailable", `no replica on this mesh keeps answers of "${agent}".`, { agent });
    const records = saidByAll(
      replies.map(({ message }) => message),
      agent,
    );
    const sum = (field: string): number => records.reduce((all, each) => all + numberIn(each, field), 0);
    return {
      replicas: sum("replicas"),
      answers: sum("answers"),
      shared: shared ? numberIn(said(shared, agent), "answers") : 0,
    };
  }

  /** Undefined when nobody listens. @throws MeshError `timeout` */
  private askOne(subject: string, question: Uint8Array): Promise<Message | undefined> {
    const { transport, clock } = this;
    const inbox = transport.newInbox();
    const late = new MeshError(
      "timeout",
      `what is kept together was not cleared within ${SHARED_MS / 1_000} s.`,
    );
    return new Promise<Message | undefined>((resolve, reject) => {
      const subscription = transport.subscribe(inbox, (message) => {
        resolve(message.noResponders ? undefined : message);
        stop();
        subscription.unsubscribe();
      });
      const stop = clock.after(SHARED_MS, () => {
        reject(late);
        subscription.unsubscribe();
      });
      transport.publish(subject, question, { reply: inbox });
    });
  }
}

function nameOf(agent: string | Contract | Agent): string {
  if (typeof agent === "string") return checkAgentName(agent);
  return "contract" in agent ? agent.contract.name : agent.name;
}

/** Of replicas in several versions some may not have the method. @throws MeshError when none has done it */
function saidByAll(messages: readonly Message[], agent: string): ServiceRecord[] {
  let failure: unknown;
  const records: ServiceRecord[] = [];
  for (const message of messages) {
    try {
      records.push(said(message, agent));
    } catch (error) {
      failure = error;
    }
  }
  if (records.length === 0) throw failure;
  return records;
}

/** @throws MeshError what a replica has answered */
function said({ payload }: Message, agent: string): ServiceRecord {
  const record = parseRecord(textOf(payload));
  const code = textIn(record, "error");
  if (code === "") return record;
  throw new MeshError(isErrorCode(code) ? code : "internal", textIn(record, "message"), { agent });
}
