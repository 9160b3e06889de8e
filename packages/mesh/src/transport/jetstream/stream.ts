import type { JetStreamManager, StreamConfig } from "nats";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { insist } from "./insist.ts";
import { STREAM_NAME_IN_USE, STREAM_NOT_FOUND, apiErrorOf, asJetError } from "./jet-error.ts";
import { opened } from "./opened.ts";

/** Settings of streams that the library does not know of yet. */
export interface Wanted extends Partial<StreamConfig> {
  readonly name: string;
  readonly allow_msg_ttl?: boolean;
}

/** How often another process may be faster. */
const TRIES = 3;
/** Before each look for what another process is making: 3 s in all. Of several servers not each sees it at once. */
const LOOKS_AFTER_MS: readonly number[] = [100, 200, 400, 800, 1_600];

/** Makes a stream, or changes it where it is another one. What is right already is left alone, and needs no permission to write. */
export async function ensureStream(manager: JetStreamManager, wanted: Wanted): Promise<void> {
  const looks = LOOKS_AFTER_MS.values();
  for (let left = TRIES; ; left--) {
    try {
      return await insist(() => once(manager, wanted));
    } catch (error) {
      const isTaken = apiErrorOf(error)?.err_code === STREAM_NAME_IN_USE;
      const after = isTaken ? looks.next().value : undefined;
      if (after !== undefined) await sleep(after);
      else if (left <= 1 || !apiErrorOf(error)) throw asJetError(`making the stream ${wanted.name}`, error);
    }
  }
}

/** @throws MeshError `not_found` when it is not there */
export async function checkStream(manager: JetStreamManager, name: string): Promise<void> {
  await opened(name, () => manager.streams.info(name));
}

async function once(manager: JetStreamManager, wanted: Wanted): Promise<void> {
  const present = await configOf(manager, wanted.name);
  if (!present) return void (await manager.streams.add(wanted));
  // Where it begins to count is settled when it is made.
  const { first_seq: _, ...settings } = wanted;
  if (!fits(present, settings)) await manager.streams.update(wanted.name, { ...present, ...settings });
}

async function configOf(manager: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (apiErrorOf(error)?.err_code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}

/** What is wanted is as it is; whatever else somebody has set is theirs. */
function fits(present: StreamConfig, wanted: Omit<Wanted, "first_seq">): boolean {
  return Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(Reflect.get(present, key), value));
}
