import { MeshError } from "@shoal/mesh";
import type { LanguageModel } from "./language-model.ts";

/**
 * A model that runs in this process: `local::<name>`.
 * @throws MeshError `unavailable`: there is none yet
 */
export async function localModel(name: string): Promise<LanguageModel> {
  throw new MeshError(
    "unavailable",
    `the model "local::${name}" cannot run: Shoal has no local models yet.`,
    {
      retryable: false,
    },
  );
}
