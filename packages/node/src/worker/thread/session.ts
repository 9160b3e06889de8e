import type { Memory, Remembered, Session } from "@shoal/mesh";
import type { ThreadCaller } from "./caller.ts";
import type { Left, SessionIn } from "../protocol.ts";

/** The memory of a session, which the main thread has. */
function memoryOver(caller: ThreadCaller): Memory {
  return {
    get: (...args) => caller.remember("get", args),
    set: (...args) => caller.remember("set", args) as Promise<void>,
    append: (...args) => caller.remember("append", args) as Promise<number>,
    search: (...args) => caller.remember("search", args) as Promise<Remembered[]>,
  };
}

/** A session as a handler in a thread has it: what it leaves goes back with the answer. */
export class ThreadSession implements Session {
  readonly id: string;
  readonly isNew: boolean;
  state: unknown;
  #isCleared = false;

  readonly memory: Memory;

  constructor({ id, isNew, state }: SessionIn, caller: ThreadCaller) {
    this.memory = memoryOver(caller);
    this.id = id;
    this.isNew = isNew;
    this.state = state;
  }

  clear(): void {
    this.#isCleared = true;
  }

  get left(): Left["session"] {
    return { state: this.state, isCleared: this.#isCleared };
  }
}
