import { subjectMatches } from "./subject-match.ts";

/**
 * Hears what was published to a subject, and nothing else. JetStream delivers what a stream holds to wherever the maker of a
 * consumer wants it, and NATS does not ask whether that user may publish there: such a message comes under the subject that it
 * was stored with.
 *
 * T12: where publishers may do more than a caller, what a stream delivers is not heard.
 */
export function addressed<M extends { readonly subject: string }>(
  subject: string,
  onMessage: (message: M) => void,
): (message: M) => void {
  const hasWildcard = /[*>]/.test(subject);
  return (message) => {
    const isHere = hasWildcard ? subjectMatches(subject, message.subject) : message.subject === subject;
    if (isHere) onMessage(message);
  };
}
