/**
 * What looks like an object, and would arrive as `{}`: both encoders would drop a Map's entries without a word.
 * Better an error where the value was made than an empty object where it is read.
 */

/** A sentence that says why a value would be lost on its way; undefined when it would not. */
export function lossOf(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) return undefined;
  if (ArrayBuffer.isView(value)) return undefined;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date is no time" : undefined;
  if (value instanceof Error) return "an Error would lose its message: throw it, or send its fields";
  // Built-in classes keep what they hold where no encoder sees it.
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (tag === "Object" || tag === "Array" || Object.keys(value).length > 0) return undefined;
  return `a ${tag} would arrive empty: send a plain object, an array or a string`;
}
