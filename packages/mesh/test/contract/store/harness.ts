import type { Store } from "../../../src/transport/store.ts";

/** A store under test, and how its time passes. */
export interface StoreUnderTest {
  /** Each call is another process's view of the same store. */
  open(): Promise<Store>;
  /** So much time passes. */
  pass(ms: number): Promise<void>;
}

let serial = 0;
/** A name that no other test uses. */
export function fresh(): string {
  return `contract-${++serial}`;
}

export const bytes = (text: string): Uint8Array => Buffer.from(text);
export const textOf = (value: Uint8Array | undefined): string | undefined =>
  value && Buffer.from(value).toString();
