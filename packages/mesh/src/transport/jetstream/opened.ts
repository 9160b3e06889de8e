import { insist } from "./insist.ts";
import { asJetError } from "./jet-error.ts";

/** What is there already, for use. @throws MeshError `not_found` when it is not there, `unavailable` when nobody answers */
export async function opened<T>(name: string, open: () => Promise<T>): Promise<T> {
  try {
    return await insist(open);
  } catch (error) {
    throw asJetError(`opening ${name}`, error);
  }
}
