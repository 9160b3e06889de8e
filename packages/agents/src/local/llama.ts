import { MeshError } from "@shoal/mesh";
import type * as Library from "node-llama-cpp";
import type { Llama } from "node-llama-cpp";

/** The library, and the one binding of the process to its binary. */
export interface LlamaLibrary {
  readonly library: typeof Library;
  readonly llama: Llama;
}

let loaded: Promise<LlamaLibrary> | undefined;

/**
 * node-llama-cpp with one of its ready-made binaries, loaded once.
 *
 * @throws MeshError `unavailable` when it is not installed, or has no binary for this machine
 */
export function llamaLibrary(): Promise<LlamaLibrary> {
  loaded ??= load();
  // Somebody may install it meanwhile.
  loaded.catch(() => (loaded = undefined));
  return loaded;
}

async function load(): Promise<LlamaLibrary> {
  const library = await installed();
  try {
    const llama = await library.getLlama({
      // Compiling takes minutes and tools that few machines have.
      build: "never",
      skipDownload: true,
      progressLogs: false,
      logLevel: library.LlamaLogLevel.error,
    });
    return { library, llama };
  } catch (error) {
    throw new MeshError(
      "unavailable",
      `node-llama-cpp has no ready-made binary that runs on this machine (${process.platform}-${process.arch}): ${(error as Error).message}`,
      { cause: error },
    );
  }
}

async function installed(): Promise<typeof Library> {
  try {
    return await import("node-llama-cpp");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new MeshError(
      "unavailable",
      "local models need the package node-llama-cpp, which is not installed: npm install node-llama-cpp",
      { cause: error },
    );
  }
}
