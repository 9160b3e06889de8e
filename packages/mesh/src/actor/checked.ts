/** Settles when the work is done; undefined when it is done already. */
export type Pending = Promise<unknown> | undefined;

/** `then`, without a promise where there is none. */
export function checked(value: unknown, next: (value: unknown) => Pending): Pending {
  if (value instanceof Promise) return value.then(next);
  return isThenable(value) ? Promise.resolve(value).then(next) : next(value);
}

/** Query builders and the like: not promises, and `await` takes them all the same. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
