import type { Memory } from "../memory/memory.ts";
import type { Session } from "../contract/session.ts";
import { MeshError, messageOf } from "../errors.ts";
import { decodeMsgpack, encodeShared } from "../protocol/body.ts";
import type { StoredSession } from "../session/keeper.ts";
import type { Job } from "./job.ts";

/** Whoever stores what a turn leaves. */
export interface TurnKeeper {
  /** @param change undefined when nothing has changed */
  store(
    turn: Turn,
    change: { readonly state: Uint8Array | undefined } | undefined,
  ): Promise<void> | undefined;
  clear(turn: Turn): Promise<void>;
  memoryOf(): Memory;
}

/**
 * One request at its session: it alone works on the state, which is its own copy. What it leaves is stored before it is
 * answered; of one that fails nothing stays.
 */
export class Turn implements Session<unknown> {
  readonly id: string;
  readonly job: Job;
  readonly isNew: boolean;
  state: unknown;
  private readonly keeper: TurnKeeper;
  /** What the state was. */
  private readonly before: Uint8Array | undefined;
  private isCleared = false;

  /** @throws MeshError `internal` when the stored state cannot be read */
  constructor(keeper: TurnKeeper, id: string, job: Job, stored: StoredSession, newState: () => unknown) {
    this.keeper = keeper;
    this.id = id;
    this.job = job;
    this.before = stored.state;
    this.isNew = stored.changes === 0;
    this.state = stored.state ? decoded(stored.state, id) : newState();
  }

  get memory(): Memory {
    return this.keeper.memoryOf();
  }

  clear(): void {
    this.isCleared = true;
  }

  /** Undefined when there is nothing to be stored. @throws MeshError what cannot be stored, or where */
  store(): Promise<void> | undefined {
    if (this.isCleared) return this.keeper.clear(this);
    const { before, state, id, isNew } = this;
    // The first one makes it: whoever comes next must not find a new one.
    if (state === undefined) return this.keeper.store(this, before || isNew ? { state } : undefined);
    let after: Uint8Array;
    try {
      after = encodeShared(state);
    } catch (error) {
      throw new MeshError("internal", `the state of session "${id}" cannot be stored: ${messageOf(error)}.`, {
        cause: error,
      });
    }
    const isSame = !isNew && before !== undefined && Buffer.compare(before, after) === 0;
    // A view of the encoder's buffer.
    return this.keeper.store(this, isSame ? undefined : { state: Uint8Array.from(after) });
  }
}

function decoded(state: Uint8Array, id: string): unknown {
  try {
    // Of a copy: bytes in it would be views.
    return decodeMsgpack(Uint8Array.from(state));
  } catch (error) {
    throw new MeshError("internal", `the stored state of session "${id}" cannot be read.`, { cause: error });
  }
}
