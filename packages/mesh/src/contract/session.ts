import type { Memory } from "../memory/memory.ts";

/** The session that a request belongs to, as its handler has it: nobody else in the mesh works on it meanwhile. */
export interface Session<T = unknown> {
  readonly id: string;
  /**
   * The handler's own copy. What it has become is stored before the request is answered; a request that fails, or whose
   * caller has given up, changes nothing.
   */
  state: T;
  /** Nothing was stored before. */
  readonly isNew: boolean;
  /**
   * What is kept of the session beside its state: written at once, whatever becomes of the request, and found again by words.
   * It lasts as long as the session.
   */
  readonly memory: Memory;
  /** Forgets the session, and its memory, when the request has been served: the next one finds a new one. */
  clear(): void;
}
