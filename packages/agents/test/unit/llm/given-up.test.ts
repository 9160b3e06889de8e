import { MeshError, type Span, systemClock } from "@shoal/mesh";
import { expect, test, vi } from "vitest";
import { CallEnd } from "../../../src/llm/call-end.ts";
import { askModel } from "../../../src/llm/model-call.ts";
import { answer, scripted } from "../../support/scripted-model.ts";

const gaveUp = new MeshError("cancelled", "the caller gave up.");
const unseen: Span = { within: (run) => run(), set: () => {}, end: () => {} };
const signal = AbortSignal.abort(gaveUp);
const terms = { clock: systemClock, stallMs: 1_000, signal, span: () => unseen };

test("LM2: a model is not asked for a caller that has left already", async () => {
  const model = scripted(answer("hello"));
  const loaded = { model, name: "mock::scripted", account: "", secrets: [] };
  await expect(askModel(loaded, { prompt: [] }, terms).next()).rejects.toBe(gaveUp);
  expect(model.doStreamCalls).toEqual([]);
});

test("LM2: what fails for a caller that has left is no failure of the process", async () => {
  const unhandled = vi.fn();
  process.once("unhandledRejection", unhandled);
  const end = new CallEnd(terms, () => gaveUp);
  await expect(end.orElse(Promise.reject(new Error("aborted")))).rejects.toBe(gaveUp);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
