import type { Actor } from "../../actor/actor.ts";
import type { Tier } from "../../cache/tier.ts";
import type { Clock } from "../../clock.ts";
import { MeshError } from "../../errors.ts";
import type { Contract } from "../../contract/contract.ts";
import type { Logger } from "../../logger.ts";
import { type ClearReply, type ClearRequest, decodeClear } from "../../protocol/clearing.ts";
import { asMeshError, failureOf } from "../../protocol/failure.ts";
import type { Subjects } from "../../protocol/subjects.ts";
import { addressed } from "../../transport/addressed.ts";
import type { Bucket } from "../../transport/store.ts";
import type { Message, Subscription, Transport } from "../../transport/transport.ts";
import type { Desk } from "../../transport/desk.ts";
import { answersBucket, placeOf } from "./answer-subjects.ts";
import { BucketTier } from "./bucket-tier.ts";
import { clearShared, clearedIn } from "./clearing.ts";

/** Those that keep answers together share the work of forgetting them. */
const CLEARERS = "cache";
const BUCKET_BYTES = 256 * 1_048_576;

export interface AnswerCachesParts {
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly desk: Desk;
  readonly log: Logger;
}

/** The caches of a process: what they share with others, and how they are told to forget. */
export class AnswerCaches {
  private readonly parts: AnswerCachesParts;
  private readonly actors = new Set<Actor>();
  /** By agent. */
  private readonly clearers = new Map<string, Subscription>();
  private everyone: Subscription | undefined;
  private opening: Promise<Bucket> | undefined;

  constructor(parts: AnswerCachesParts) {
    this.parts = parts;
  }

  /** What one method of a replica shares with others. */
  tierOf({ name, version }: Contract, method: string, replica: string): Tier {
    const log = this.parts.log.child({ agent: name, replica });
    return new BucketTier({
      ...this.parts,
      log,
      replica,
      bucket: () => this.bucket(),
      onLost: () => (this.opening = undefined),
      placeOf: (key) => placeOf(name, method, version, key),
    });
  }

  /** Its answers can be cleared from now on. Does nothing for one that keeps none. */
  add(actor: Actor): void {
    const { transport, subjects } = this.parts;
    const caches = [...actor.methods].flatMap(({ cache }) => cache ?? []);
    if (caches.length === 0) return;
    this.actors.add(actor);
    const all = subjects.cache("*");
    this.everyone ??= transport.subscribe(
      all,
      addressed(all, (message) => this.forget(message)),
    );
    if (this.clearers.has(actor.name) || !caches.some(({ policy }) => policy.shared)) return;
    const shared = subjects.sharedCache(actor.name);
    const clear = addressed(shared, (message: Message) => this.forgetShared(actor.name, message));
    const subscription = transport.subscribe(shared, clear, { queue: CLEARERS });
    this.clearers.set(actor.name, subscription);
  }

  remove(actor: Actor): void {
    this.actors.delete(actor);
    if (this.of(actor.name).length === 0) {
      this.clearers.get(actor.name)?.unsubscribe();
      this.clearers.delete(actor.name);
    }
    if (this.actors.size > 0) return;
    this.everyone?.unsubscribe();
    this.everyone = undefined;
  }

  private of(agent: string): Actor[] {
    return [...this.actors].filter(({ name }) => name === agent);
  }

  private forget(message: Message): void {
    const agent = message.subject.slice(this.parts.subjects.cache("").length);
    const actors = this.of(agent);
    // Another process has it.
    if (actors.length === 0) return;
    this.answer(message, async (request) => {
      let answers = 0;
      for (const actor of actors)
        for (const { cache, selection } of await clearedIn(actor, request)) answers += cache.clear(selection);
      return { replicas: actors.length, answers };
    });
  }

  private forgetShared(agent: string, message: Message): void {
    const [actor] = this.of(agent);
    this.answer(message, async (request) => {
      if (!actor) throw new MeshError("unavailable", `this replica of "${agent}" is leaving.`);
      let answers = 0;
      for (const cleared of await clearedIn(actor, request))
        if (cleared.cache.policy.shared) answers += await clearShared(await this.bucket(), agent, cleared);
      return { answers };
    });
  }

  private answer({ payload, reply }: Message, forget: (request: ClearRequest) => Promise<ClearReply>): void {
    const decoded = async (): Promise<ClearReply> => forget(decodeClear(payload));
    void decoded()
      .catch((error: unknown) => failureOf(asMeshError(error)))
      .then((said) => {
        if (reply) this.parts.transport.publish(reply, Buffer.from(JSON.stringify(said)));
      })
      .catch((error: unknown) => this.parts.log.warn({ err: error }, "a request to clear got no answer"));
  }

  private bucket(): Promise<Bucket> {
    const { transport, subjects } = this.parts;
    if (this.opening) return this.opening;
    const opening = transport.store.bucket(answersBucket(subjects.root), {
      inMemory: true,
      maxBytes: BUCKET_BYTES,
    });
    this.opening = opening;
    // The next one tries again.
    opening.catch(() => (this.opening = undefined));
    return opening;
  }
}
