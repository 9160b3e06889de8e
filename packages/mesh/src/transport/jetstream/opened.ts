import { asJetError } from "./jet-error.ts";
import { onceSeen } from "./once-seen.ts";

/** What is known to be there, for use. @throws MeshError `unavailable` when nobody answers */
export async function opened<T>(name: string, open: () => Promise<T>): Promise<T> {
  try {
    return await onceSeen(open);
  } catch (error) {
    throw asJetError(`opening ${name}`, error);
  }
}
