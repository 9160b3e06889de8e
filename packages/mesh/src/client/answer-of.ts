import { type Asking, type OnAsk, type Question, refusalOf } from "../contract/question.ts";
import { MeshError } from "../errors.ts";

/** What a caller says to a question. Rejects with a MeshError: why it says nothing. */
export async function answerOf(onAsk: OnAsk, question: Question, asking: Asking): Promise<string> {
  let answer: unknown;
  try {
    answer = await onAsk(question, asking);
  } catch (thrown) {
    throw refusalOf(thrown);
  }
  if (typeof answer === "string") return answer;
  const given = answer === null ? "null" : typeof answer;
  throw new MeshError("bad_request", `the caller's \`onAsk\` gave ${given}: an answer is a text.`);
}
