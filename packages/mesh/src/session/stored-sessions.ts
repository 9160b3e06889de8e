import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { checkSessionId } from "../contract/session-options.ts";
import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import { decodeMsgpack } from "../protocol/body.ts";
import { BucketSpace, MEMORIES } from "../memory/bucket-space.ts";
import { checkAgentName } from "../protocol/names.ts";
import type { Subjects } from "../protocol/subjects.ts";
import { Desk } from "../transport/desk.ts";
import { Shelf } from "../transport/shelf.ts";
import type { Entry } from "../transport/store.ts";
import type { Transport } from "../transport/transport.ts";
import { BucketKeeper } from "./bucket-keeper.ts";
import { SESSIONS, sessionAt, sessionPlace, sessionPlaces } from "./place.ts";
import { unpackSession } from "./stored.ts";

/** A session, as it was last stored. */
export interface SessionInfo {
  readonly agent: string;
  readonly id: string;
  /** The replica that has it, or had it last. */
  readonly replica: string;
  /** Requests that have changed it. */
  readonly changes: number;
  /** Bytes of its state. */
  readonly bytes: number;
  readonly createdAt: Date;
  readonly storedAt: Date;
}

export interface StoredSessionsParts {
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly clock: Clock;
}

const DEFAULT_PATIENCE = "30s";
/** Of a session that is not cleared after all. */
const TTL_MS = 86_400_000;

/** The sessions of a mesh, for whoever looks at them. */
export class StoredSessions {
  private readonly parts: StoredSessionsParts;
  private readonly shelf: Shelf;
  private readonly memories: Shelf;

  constructor(parts: StoredSessionsParts) {
    this.parts = parts;
    const { transport, subjects } = parts;
    this.shelf = new Shelf(transport.store, subjects.root, SESSIONS);
    this.memories = new Shelf(transport.store, subjects.root, MEMORIES);
  }

  /** Those of one agent, or all of them, in no order. @throws MeshError `unavailable` */
  async *list(agent?: string): AsyncGenerator<SessionInfo> {
    const pattern = sessionPlaces(agent && checkAgentName(agent));
    for await (const entry of (await this.shelf.bucket()).entries(pattern)) {
      const found = infoOf(entry);
      if (found) yield found.info;
    }
  }

  /** @throws MeshError `not_found`, `unavailable` */
  async get(agent: string, id: string): Promise<SessionInfo & { readonly state: unknown }> {
    const entry = await this.find(agent, id);
    const found = entry && infoOf(entry);
    if (!found) throw new MeshError("not_found", `"${agent}" has no session "${id}".`);
    const { info, state } = found;
    return { ...info, state: state && decodeMsgpack(state) };
  }

  /**
   * Forgets a session, when the requests that came before have had their turns.
   * @returns false when there is none
   * @throws MeshError `unavailable`; `timeout` when it is still being worked on
   */
  async clear(
    agent: string,
    id: string,
    { timeout = DEFAULT_PATIENCE }: { timeout?: Duration } = {},
  ): Promise<boolean> {
    if (!(await this.find(agent, id))) return false;
    const { transport, clock } = this.parts;
    const until = clock.now() + toMs(timeout, "timeout");
    const desk = new Desk(transport);
    // Whoever has a session may forget it: it is had here for a moment.
    const owner = `clear-${randomBytes(6).toString("hex")}`;
    const { shelf } = this;
    const memory = new BucketSpace(this.memories, sessionPlace(agent, id));
    const keeper = new BucketKeeper({ ...this.parts, shelf, desk, agent, owner, ttlMs: TTL_MS });
    // Others that want it wait meanwhile.
    keeper.open();
    const seeker = {
      mayWait: true,
      get isWanted() {
        return clock.now() < until;
      },
    };
    try {
      for (;;) {
        const holding = await keeper.obtain(id, seeker);
        if (!holding)
          throw new MeshError("timeout", `session "${id}" of "${agent}" is being worked on still.`);
        // Where nobody has ever remembered anything there is nothing to forget.
        await memory.clear().catch(unlessMissing);
        if (await holding.clear()) return true;
      }
    } finally {
      keeper.close();
      desk.shut();
    }
  }

  private async find(agent: string, id: string): Promise<Entry | undefined> {
    const place = sessionPlace(checkAgentName(agent), checkSessionId(id));
    return (await this.shelf.bucket()).get(place);
  }
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof MeshError && error.cause instanceof MeshError && error.cause.code === "not_found"))
    throw error;
}

function infoOf({ key, value, writtenAt }: Entry):
  | {
      info: SessionInfo;
      state: Uint8Array | undefined;
    }
  | undefined {
  const stored = unpackSession(value);
  if (!stored) return undefined;
  const { owner, state, changes, since } = stored;
  const info = {
    ...sessionAt(key),
    replica: owner,
    changes,
    bytes: state?.length ?? 0,
    createdAt: new Date(since),
    storedAt: new Date(writtenAt),
  };
  return { info, state };
}
