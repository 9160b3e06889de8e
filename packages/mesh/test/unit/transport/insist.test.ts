import { expect, test } from "vitest";
import { insist } from "../../../src/transport/jetstream/insist.ts";

const silence = Object.assign(new Error("TIMEOUT"), { code: "TIMEOUT" });

/** Fails as often as there are failures, and then answers. */
function asked(...failures: Error[]) {
  let count = 0;
  return async () => {
    const failure = failures[count++];
    if (failure) throw failure;
    return count;
  };
}

test("what nobody answers is asked again, three times at most", async () => {
  expect(await insist(asked())).toBe(1);
  expect(await insist(asked(silence, silence))).toBe(3);
  await expect(insist(asked(silence, silence, silence))).rejects.toBe(silence);
});

test("an answer is an answer, also one that says no", async () => {
  const no = Object.assign(new Error("stream not found"), { code: "404" });
  await expect(insist(asked(no))).rejects.toBe(no);
  await expect(insist(asked(silence, no))).rejects.toBe(no);
});
