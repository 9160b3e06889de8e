import type { JetStreamManager, KV, KvEntry, NatsConnection } from "nats";
import { MeshError } from "../../errors.ts";
import type { Bucket, Entry, WriteOptions } from "../store.ts";
import type { Message } from "../transport.ts";
import type { Asks } from "./asks.ts";
import { insist } from "./insist.ts";
import { type ApiError, WRONG_LAST_SEQUENCE, asJetError, jetError } from "./jet-error.ts";
import { opened } from "./opened.ts";

/** What NATS calls them. */
const EXPECTED_REVISION = "Nats-Expected-Last-Subject-Sequence";
const VALUE_TTL = "Nats-TTL";
const OPERATION = "KV-Operation";
/** What is deleted leaves a mark, for those that read along. */
const MARK_TTL = "1h";
/** NATS counts in seconds. */
const LEAST_TTL_MS = 1_000;
/** Values that are read at once. */
const AT_ONCE = 64;
const KEY = /^[-/_=.A-Za-z0-9]+$/;

/** A key-value bucket of NATS. */
export class JetBucket implements Bucket {
  private readonly name: string;
  private readonly kv: KV;
  private readonly manager: JetStreamManager;
  private readonly asks: Asks;

  private constructor(name: string, kv: KV, manager: JetStreamManager, asks: Asks) {
    this.name = name;
    this.kv = kv;
    this.manager = manager;
    this.asks = asks;
  }

  static async open(
    name: string,
    connection: NatsConnection,
    manager: JetStreamManager,
    asks: Asks,
  ): Promise<JetBucket> {
    const views = connection.jetstream().views;
    const kv = await opened(name, () => views.kv(name, { bindOnly: true, allow_direct: true }));
    return new JetBucket(name, kv, manager, asks);
  }

  async get(key: string): Promise<Entry | undefined> {
    const last = await this.last(key);
    return last && isThere(last) ? entryOf(last) : undefined;
  }

  async put(key: string, value: Uint8Array, options: WriteOptions = {}): Promise<number> {
    const { seq } = await this.write(key, value, ttlHeaders(options));
    return seq;
  }

  async swap(
    key: string,
    value: Uint8Array,
    revision: number,
    options: WriteOptions = {},
  ): Promise<number | undefined> {
    const headers = { ...ttlHeaders(options), [EXPECTED_REVISION]: String(revision) };
    const written = await this.tryWrite(key, value, headers);
    if (written || revision > 0) return written?.seq;
    // T8: what is gone has left a mark, which has a revision.
    const mark = await this.last(key);
    if (!mark || isThere(mark)) return undefined;
    return (await this.tryWrite(key, value, { ...headers, [EXPECTED_REVISION]: String(mark.revision) }))?.seq;
  }

  async delete(key: string, revision?: number): Promise<boolean> {
    const headers = { [OPERATION]: "PURGE", "Nats-Rollup": "sub", [VALUE_TTL]: MARK_TTL };
    if (revision === undefined) return Boolean(await this.write(key, NOTHING, headers));
    const expected = { ...headers, [EXPECTED_REVISION]: String(revision) };
    return (await this.tryWrite(key, NOTHING, expected)) !== undefined;
  }

  async *entries(pattern = ">"): AsyncGenerator<Entry> {
    const keys = await this.keys(pattern);
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      const some = await Promise.all(keys.slice(at, at + AT_ONCE).map((key) => this.get(key)));
      for (const entry of some) if (entry) yield entry;
    }
  }

  /** Asked of the stream: the library's own history may wait for ever where somebody writes meanwhile. */
  private async keys(pattern: string): Promise<string[]> {
    const prefix = `$KV.${this.name}.`;
    const { state } = await this.tell(() =>
      this.manager.streams.info(`KV_${this.name}`, { subjects_filter: prefix + pattern }),
    );
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
  }

  private last(key: string): Promise<KvEntry | null> {
    checkKey(key);
    return this.tell(() => this.kv.get(key));
  }

  private async write(key: string, value: Uint8Array, headers?: Record<string, string>): Promise<Written> {
    const written = await this.tryWrite(key, value, headers);
    if (!written)
      throw new MeshError("conflict", `${key} of ${this.name} has been written by somebody else.`);
    return written;
  }

  /** Undefined when another revision is there than was expected. */
  private async tryWrite(
    key: string,
    value: Uint8Array,
    headers?: Record<string, string>,
  ): Promise<Written | undefined> {
    checkKey(key);
    const written = writtenOf(await this.asks.ask(`$KV.${this.name}.${key}`, value, headers));
    if (!written.error) return written;
    if (written.error.err_code === WRONG_LAST_SEQUENCE) return undefined;
    throw jetError(`writing ${key} of ${this.name}`, written.error);
  }

  private async tell<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await insist(question);
    } catch (error) {
      throw asJetError(`reading ${this.name}`, error);
    }
  }
}

const NOTHING = new Uint8Array(0);

interface Written {
  readonly seq: number;
  readonly error?: ApiError;
}

function writtenOf(message: Message): Written {
  return JSON.parse(Buffer.from(message.payload).toString()) as Written;
}

function ttlHeaders({ ttlMs }: WriteOptions): Record<string, string> | undefined {
  if (ttlMs === undefined) return undefined;
  return { [VALUE_TTL]: `${Math.ceil(Math.max(LEAST_TTL_MS, ttlMs) / 1_000)}s` };
}

function isThere({ operation }: KvEntry): boolean {
  return operation === "PUT";
}

function entryOf({ key, value, revision, created }: KvEntry): Entry {
  return { key, value, revision, writtenAt: created.getTime() };
}

/** @throws MeshError `bad_request` */
function checkKey(key: string): void {
  if (KEY.test(key) && !key.startsWith(".") && !key.endsWith(".") && !key.includes("..")) return;
  throw new MeshError(
    "bad_request",
    `${JSON.stringify(key)} is not a key: use letters, digits and "-/_=", with "." between parts.`,
  );
}
