import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import { presentTrace } from "../tracing/tracer.ts";
import { Header } from "../protocol/headers.ts";
import { parseTarget } from "../protocol/names.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Store } from "../transport/store.ts";
import type { Transport } from "../transport/transport.ts";
import { type DeadLetter, DeadLetters } from "./dead-letters.ts";
import { type DeadTask, type TaskInfo, deadTaskOf, infoOf, queuedInfo } from "./info.ts";
import type { SubmitOptions } from "./options.ts";
import { type TaskHead, type TaskState, waitingRecord } from "./record.ts";
import { Records } from "./records.ts";
import { Shelves } from "./shelves.ts";
import { headOf, headersFor, taskPayload } from "./task-message.ts";
import { Ticket } from "./ticket.ts";

/** Which tasks. Each field that is given must fit. */
export interface TaskFilter {
  /** `"writer"`, or `"writer.prompt"`. */
  readonly target?: string;
  readonly state?: TaskState;
  readonly tag?: string;
}

export interface TasksParts {
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly clock: Clock;
}

/** Beside what a caller says of a task. */
export interface SubmitInternals extends SubmitOptions {
  /** The input is text as somebody typed it. */
  readonly typed?: boolean;
}

/** The durable tasks of a mesh, for whoever submits them and asks after them. */
export class Tasks {
  private readonly parts: TasksParts;
  private readonly shelves: Shelves;
  private readonly records: Records;
  private readonly letters: DeadLetters;
  /** Names messages, and no tasks: no id may begin like that. */
  private readonly once: string = `~${randomBytes(12).toString("base64url")}`;
  private serial = 0;

  constructor(parts: TasksParts) {
    const { transport, subjects } = parts;
    const store: Store = transport.store;
    this.parts = parts;
    this.shelves = new Shelves(store, subjects.root);
    this.records = new Records(this.shelves, transport, subjects);
    this.letters = new DeadLetters(this.shelves);
  }

  /**
   * Keeps a request until it is done. Resolves when NATS has it.
   * @param target `"writer.prompt"`, or `"writer"` for its default method
   * @throws MeshError `bad_request`; `conflict` when the id belongs to a task for somebody else; `overloaded` when the
   *   queue is full; `too_large`; `unavailable` where no node takes tasks
   */
  async submit(target: string, input: unknown, options: SubmitInternals = {}): Promise<Ticket> {
    const { agent, method } = parseTarget(target);
    const { subjects } = this.parts;
    const { typed, ...rest } = options;
    const { id } = rest;
    const headers = { ...headersFor(rest), ...presentTrace() };
    const payload = taskPayload(input, typed);
    if (id !== undefined && (await this.isKnown(id, agent, method))) return this.get(id);
    const queue = await this.shelves.queue();
    const subject = method === undefined ? subjects.task(agent) : subjects.taskFor(agent, method);
    // Asked twice by a client that has heard no answer, it is taken once.
    const once = id ?? this.newOnce();
    const { sequence, isDuplicate } = await again(() => queue.add(subject, payload, { headers, id: once }));
    if (id === undefined) return this.get(String(sequence));
    // So that it is found by its id while it waits; whoever has begun it already has said so.
    const head = { id, agent, method, tags: rest.tags ?? [] };
    const queued = isDuplicate ? await queue.get(sequence) : undefined;
    const owner = queued ? headOf(queued, subjects.task("")) : head;
    if (owner.agent !== agent || owner.method !== method) throw conflict(owner, head);
    const waiting = waitingRecord(head, this.shelves.store.now(), sequence);
    if ((await this.records.write(waiting, 0)) === undefined) await this.isKnown(id, agent, method);
    return this.get(id);
  }

  /** A task by its id, whoever has submitted it. */
  get(id: string): Ticket {
    return new Ticket({ id, records: this.records, ...this.parts });
  }

  /** Tasks that wait, those that somebody is at, and those whose outcome is kept still; the newest come last. */
  async *list(filter: TaskFilter = {}): AsyncGenerator<TaskInfo> {
    const fits = filterBy(filter);
    const known = new Set<string>();
    for await (const record of this.records.all()) {
      known.add(record.id);
      const info = infoOf(record);
      if (fits(info)) yield info;
    }
    if (filter.state !== undefined && filter.state !== "queued") return;
    for await (const queued of (await this.shelves.queue()).messages()) {
      const info = queuedInfo(queued, this.parts.subjects);
      if (!known.has(info.id) && fits(info)) yield info;
    }
  }

  /** Tasks that have failed for good, for as long as they are kept. */
  async *dead(filter: Omit<TaskFilter, "state"> = {}): AsyncGenerator<DeadTask> {
    const fits = filterBy(filter);
    for await (const letter of this.letters.all()) {
      const task = deadTaskOf(letter);
      if (fits(task)) yield task;
    }
  }

  /** @throws MeshError `not_found` */
  async deadTask(id: string): Promise<DeadTask> {
    return deadTaskOf(await this.letter(id));
  }

  /** Tries a dead letter again, from its first attempt on. @throws MeshError `not_found` */
  async retry(id: string): Promise<Ticket> {
    const { record, subject, payload, headers } = await this.letter(id);
    const queue = await this.shelves.queue();
    const found = await this.records.find(id);
    // Somebody has tried it again already.
    if (found && found.record.state !== "dead") {
      await this.letters.delete(id);
      return this.get(id);
    }
    // First of all it counts as waiting again: a worker would not begin what has ended.
    const waiting = waitingRecord(record, this.shelves.store.now());
    const revision = await this.records.write(waiting, found?.revision ?? 0);
    if (revision === undefined) return this.get(id);
    const options = { headers: { ...headers, [Header.task]: id }, id: this.newOnce() };
    try {
      await again(() => queue.add(subject, payload, options));
    } catch (error) {
      // A queue that is full leaves it as it was.
      await this.records.write(record, revision);
      throw error;
    }
    await this.letters.delete(id);
    return this.get(id);
  }

  private newOnce(): string {
    return this.once + (++this.serial).toString(36);
  }

  private async letter(id: string): Promise<DeadLetter> {
    const letter = await this.letters.get(id);
    if (letter) return letter;
    throw new MeshError("not_found", `there is no dead letter ${id}.`);
  }

  /** @throws MeshError `conflict` when it is somebody else's */
  private async isKnown(id: string, agent: string, method: string | undefined): Promise<boolean> {
    const found = await this.records.find(id);
    if (!found) return false;
    const { record } = found;
    if (record.agent === agent && record.method === method) return true;
    throw conflict(record, { id, agent, method });
  }
}

function conflict(
  owner: Pick<TaskHead, "agent" | "method">,
  { id, agent, method }: Pick<TaskHead, "id" | "agent" | "method">,
): MeshError {
  const other = owner.method === undefined ? owner.agent : `${owner.agent}.${owner.method}`;
  return new MeshError("conflict", `the task ${id} is there already, and is for ${other}.`, {
    agent,
    method,
  });
}

/** Asks once more when there was no answer: the queue knows that it is the same. */
async function again<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== "unavailable") throw error;
    return step();
  }
}

/** @throws MeshError `bad_request` */
function filterBy({ target, state, tag }: TaskFilter): (info: TaskInfo) => boolean {
  const { agent, method } = target === undefined ? {} : parseTarget(target);
  return (info) =>
    (agent === undefined || info.agent === agent) &&
    (method === undefined || info.method === method) &&
    (state === undefined || info.state === state) &&
    (tag === undefined || info.tags.includes(tag));
}
