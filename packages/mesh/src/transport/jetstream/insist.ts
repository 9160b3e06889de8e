/** Each takes as long as the library waits for an answer: 5 s. */
const TRIES = 3;

/**
 * Asks JetStream again where nobody has answered. When one of several servers is gone, the others take some seconds to
 * choose who answers in its stead, and what is asked meanwhile is lost.
 * @param question that may be asked twice, and is answered by an error once it is answered
 */
export async function insist<T>(question: () => Promise<T>): Promise<T> {
  for (let left = TRIES; ; left--) {
    try {
      return await question();
    } catch (error) {
      if (left <= 1 || (error as { code?: unknown }).code !== "TIMEOUT") throw error;
    }
  }
}
