import type { JetStreamManager, StreamConfig } from "nats";
import { isDeepStrictEqual } from "node:util";
import { insist } from "./insist.ts";
import { STREAM_NOT_FOUND, apiErrorOf, asJetError } from "./jet-error.ts";
import { onceSeen } from "./once-seen.ts";

/** Settings of streams that the library does not know of yet. */
export interface Wanted extends Partial<StreamConfig> {
  readonly name: string;
  readonly allow_msg_ttl?: boolean;
}

/** Makes a stream, or changes it where it is another one. What is right already is left alone, and needs no permission to write. */
export async function ensureStream(manager: JetStreamManager, wanted: Wanted): Promise<void> {
  try {
    await onceSeen(() => once(manager, wanted));
  } catch (error) {
    throw asJetError(`making the stream ${wanted.name}`, error);
  }
}

/** @throws MeshError `not_found` when it is not there */
export async function checkStream(manager: JetStreamManager, name: string): Promise<void> {
  try {
    await insist(() => manager.streams.info(name));
  } catch (error) {
    throw asJetError(`opening ${name}`, error);
  }
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
