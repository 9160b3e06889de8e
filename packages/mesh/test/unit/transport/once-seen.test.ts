import { expect, test } from "vitest";
import { STREAM_NAME_IN_USE, STREAM_NOT_FOUND } from "../../../src/transport/jetstream/jet-error.ts";
import { onceSeen } from "../../../src/transport/jetstream/once-seen.ts";

const refusal = (code: number): Error =>
  Object.assign(new Error("no"), { api_error: { code: 400, err_code: code } });

/** What comes of a step that fails so often, and how long was waited before each further try. */
async function tried(...failures: Error[]): Promise<{ outcome: unknown; waited: number[] }> {
  const left = failures.values();
  const waited: number[] = [];
  const step = async (): Promise<string> => {
    const failure = left.next().value;
    if (failure) throw failure;
    return "done";
  };
  const outcome = await onceSeen(step, async (ms) => void waited.push(ms)).catch((error: unknown) => error);
  return { outcome, waited };
}

test("a stream that this server has not heard of yet is looked for again, for three seconds", async () => {
  const unseen = refusal(STREAM_NOT_FOUND);
  expect(await tried()).toEqual({ outcome: "done", waited: [] });
  expect(await tried(unseen, refusal(STREAM_NAME_IN_USE))).toEqual({ outcome: "done", waited: [100, 200] });
  const { outcome, waited } = await tried(...Array.from({ length: 6 }, () => unseen));
  expect(outcome).toBe(unseen);
  expect(waited.reduce((sum, ms) => sum + ms)).toBe(3_100);
});

test("every other refusal is final", async () => {
  const full = refusal(10_077);
  expect(await tried(full)).toEqual({ outcome: full, waited: [] });
});
