import { MeshError } from "../errors.ts";
import { storeName } from "../protocol/names.ts";
import type { Bucket, Keeping, Objects, Queue, Store } from "../transport/store.ts";
import type { TaskSettings } from "./options.ts";

const LARGE_BYTES = 262_144;

/** Where a mesh keeps its tasks: those that wait, what has become of the others, large results, dead letters. */
export class Shelves {
  readonly store: Store;
  /** Undefined for who takes them as they are. */
  readonly settings: TaskSettings | undefined;
  private readonly root: string;
  private readonly opened = new Map<string, Promise<unknown>>();

  /** @param settings makes what is not there, and changes what is otherwise */
  constructor(store: Store, root: string, settings?: TaskSettings) {
    this.store = store;
    this.root = root;
    this.settings = settings;
  }

  /** Bytes of what is too large for a record, and for a letter: it is kept beside them. */
  get largeBytes(): number {
    return Math.min(LARGE_BYTES, this.store.largest / 4);
  }

  queue(): Promise<Queue> {
    const { settings } = this;
    return this.once("tasks", (name) =>
      this.store.queue(
        name,
        settings && {
          subjects: [`${this.root}.task.>`],
          replicas: settings.replicas,
          maxMessages: settings.maxWaiting,
          ...(settings.maxWaitingPerMethod === undefined
            ? {}
            : { maxMessagesPerSubject: settings.maxWaitingPerMethod }),
        },
      ),
    );
  }

  /** What is known of each task that somebody has begun, under its id. */
  records(): Promise<Bucket> {
    return this.once("task-records", (name) =>
      this.store.bucket(name, this.kept(this.settings?.retentionMs)),
    );
  }

  /** Results that are too large for a record, under the task's id. */
  results(): Promise<Objects> {
    return this.once("task-results", (name) =>
      this.store.objects(name, this.kept(this.settings?.retentionMs)),
    );
  }

  /** Tasks that have failed for good, under their ids. */
  dead(): Promise<Bucket> {
    return this.once("task-dead", (name) =>
      this.store.bucket(name, this.kept(this.settings?.deadRetentionMs)),
    );
  }

  /** Their payloads, where they are too large for a letter. */
  deadPayloads(): Promise<Objects> {
    return this.once("task-dead-payloads", (name) =>
      this.store.objects(name, this.kept(this.settings?.deadRetentionMs)),
    );
  }

  /** Makes all of them. */
  async open(): Promise<void> {
    await Promise.all([this.queue(), this.records(), this.results(), this.dead(), this.deadPayloads()]);
  }

  private kept(ttlMs: number | undefined): Keeping | undefined {
    if (!this.settings || ttlMs === undefined) return undefined;
    return { replicas: this.settings.replicas, ttlMs };
  }

  private once<T>(kind: string, open: (name: string) => Promise<T>): Promise<T> {
    const known = this.opened.get(kind) as Promise<T> | undefined;
    if (known) return known;
    const opening = open(storeName(this.root, kind)).catch((error: unknown) => {
      this.opened.delete(kind);
      throw explained(error, this.root);
    });
    this.opened.set(kind, opening);
    return opening;
  }
}

function explained(error: unknown, root: string): unknown {
  if (!(error instanceof MeshError) || error.code !== "not_found") return error;
  return new MeshError(
    "unavailable",
    `no node of the mesh "${root}" has ever taken tasks: start one with \`shoal up\`, or with \`connect({ tasks: true })\`.`,
    { cause: error },
  );
}
