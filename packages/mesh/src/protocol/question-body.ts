import { MeshError } from "../errors.ts";

/** A question as a frame carries it. */
export interface QuestionBody {
  readonly question: { readonly prompt: string; readonly [field: string]: unknown };
  /** Milliseconds within which an answer is of use. */
  readonly timeoutMs: number;
}

/** @throws MeshError `bad_request` for a body that is none */
export function decodeQuestion(body: unknown): QuestionBody {
  if (typeof body === "object" && body !== null && "question" in body && "timeoutMs" in body) {
    const { question, timeoutMs } = body;
    const isText = typeof question === "object" && question !== null && "prompt" in question;
    if (isText && typeof question.prompt === "string" && isTime(timeoutMs)) return body as QuestionBody;
  }
  throw new MeshError("bad_request", "malformed question: it has no prompt, or no time.");
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
