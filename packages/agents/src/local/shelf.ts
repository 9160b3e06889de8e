import type { Engine, Place } from "./engine.ts";
import { Places } from "./places.ts";

/** An engine, and the line before its places. */
export interface Loaded {
  readonly engine: Engine;
  readonly places: Places<Place>;
}

interface Book {
  readonly loading: Promise<Loaded>;
  users: number;
  /** Stops the time after which it is put away. */
  keep: () => void;
}

type After = (delayMs: number, fire: () => void) => () => void;

/**
 * The models that this process has in memory.
 *
 * LO3: a model is loaded once, however many ask for it at once; one that could not be loaded is tried again when it is
 *      asked for again.
 * LO4: one that nobody has used for its time leaves memory, and never while somebody uses it.
 */
export class Shelf {
  private readonly books = new Map<string, Book>();
  private readonly after: After;

  /** @param after runs something later; by default it keeps no process alive */
  constructor(after: After = afterUnheld) {
    this.after = after;
  }

  /**
   * Has a model in memory while `work` uses it, and for `keepMs` after that.
   *
   * @param key models with the same are the same
   * @throws the signal's reason, when that comes before it is loaded: it is loaded all the same
   */
  async use<T>(
    key: string,
    load: () => Promise<Engine>,
    keepMs: number,
    work: (loaded: Loaded) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const book = this.books.get(key) ?? this.open(key, load);
    book.keep();
    book.users += 1;
    try {
      return await work(await (signal ? sooner(book.loading, signal) : book.loading));
    } finally {
      book.users -= 1;
      if (book.users === 0 && this.books.get(key) === book)
        book.keep = this.after(keepMs, () => this.putAway(key, book));
    }
  }

  private open(key: string, load: () => Promise<Engine>): Book {
    const loading = load().then((engine) => ({ engine, places: new Places(engine.places) }));
    const book: Book = { loading, users: 0, keep: () => {} };
    this.books.set(key, book);
    // LO3
    loading.catch(() => this.books.delete(key));
    return book;
  }

  /** LO4: who uses it has stopped the time. */
  private putAway(key: string, { loading }: Book): void {
    this.books.delete(key);
    void loading.then(({ engine }) => engine.dispose()).catch(() => {});
  }
}

/** The promise, unless the signal is sooner. */
function sooner<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const leave = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", leave, { once: true });
    const stay = (): void => signal.removeEventListener("abort", leave);
    promise.finally(stay).then(resolve, reject);
  });
}

function afterUnheld(delayMs: number, fire: () => void): () => void {
  const timer = setTimeout(fire, delayMs).unref();
  return () => clearTimeout(timer);
}
