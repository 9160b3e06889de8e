import type { Actor } from "../../actor/actor.ts";
import type { Method } from "../../actor/method.ts";
import type { MethodCache } from "../../actor/method-cache.ts";
import { named } from "../../cache/answer-keys.ts";
import { unpackEntry } from "../../cache/entry.ts";
import type { Selection } from "../../cache/kept.ts";
import { MeshError, messageOf } from "../../errors.ts";
import type { ClearRequest } from "../../protocol/clearing.ts";
import { decodePlain } from "../../protocol/plain.ts";
import type { Bucket } from "../../transport/store.ts";
import { placesOf } from "./answer-subjects.ts";

/** Answers of one method that are to be forgotten. */
export interface Cleared {
  readonly method: string;
  readonly cache: MethodCache;
  readonly selection: Selection;
}

/**
 * What a request to clear means for one replica, method by method.
 * @throws MeshError `bad_request` for what it cannot mean, `not_found` for a method that is not there
 */
export async function clearedIn(actor: Actor, request: ClearRequest): Promise<Cleared[]> {
  const { key, input, tag } = request;
  const cleared: Cleared[] = [];
  for (const method of methodsOf(actor, request)) {
    const { cache, name, target } = method;
    if (!cache) continue;
    if (key !== undefined && !cache.policy.keyOf)
      throw bad(`${target} makes its keys of the whole input: name the input, or a tag.`);
    let of = key === undefined ? undefined : named(key);
    if (input !== undefined) {
      of = cache.keys.of(await inputOf(method, request));
      if (of === undefined) throw bad(`this input of ${target} has no key: nothing is kept for it.`);
    }
    cleared.push({ method: name, cache, selection: { key: of, tag } });
  }
  return cleared;
}

/** Forgets what replicas keep together. @returns how many answers there were @throws MeshError as a bucket does */
export async function clearShared(
  bucket: Bucket,
  agent: string,
  { method, selection: { key, tag } }: Cleared,
): Promise<number> {
  const places: string[] = [];
  let count = 0;
  for await (const { key: place, value } of bucket.entries(placesOf(agent, method, key))) {
    const entry = unpackEntry(value);
    const tags = entry && "outcome" in entry ? entry.outcome.tags : [];
    if (tag !== undefined && !tags.includes(tag)) continue;
    // K18: with the claims, so that what is being made is not kept.
    places.push(place);
    if (entry && "outcome" in entry) count++;
  }
  for (const place of places) await bucket.delete(place);
  return count;
}

function methodsOf({ name, methods }: Actor, { method, key, input }: ClearRequest): Method[] {
  const wanted = method ?? (key === undefined && input === undefined ? undefined : methods.defaultName);
  if (wanted === undefined) {
    if (key !== undefined || input !== undefined) throw bad(`"${name}" has no default method: name one.`);
    return [...methods];
  }
  const found = methods.named(wanted);
  if (!found) throw new MeshError("not_found", `agent "${name}" has no method "${wanted}".`);
  if (!found.cache) throw bad(`${found.target} keeps no answers.`);
  return [found];
}

/** As the method's handler gets it. @throws MeshError `bad_request` */
async function inputOf(
  { inputs, plainShape, target }: Method,
  { input, typed }: ClearRequest,
): Promise<unknown> {
  const read = typed ? decodePlain(Buffer.from(String(input)), plainShape()) : input;
  try {
    return inputs ? await inputs.check(read) : read;
  } catch (error) {
    throw bad(`the input of ${target} is not valid: ${messageOf(error)}.`);
  }
}

function bad(message: string): MeshError {
  return new MeshError("bad_request", message);
}
