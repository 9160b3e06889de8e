import { MeshError } from "../errors.ts";
import { storeName } from "../protocol/names.ts";
import type { Bucket, Keeping, Store } from "./store.ts";

/** A bucket of a mesh, opened once for all who need it in a process. */
export class Shelf {
  private readonly store: Store;
  private readonly name: string;
  private readonly kind: string;
  private readonly keeping: Keeping | undefined;
  private opening: Promise<Bucket> | undefined;

  /**
   * @param kind what is kept there, in the plural
   * @param keeping makes the bucket when it is not there; without it, it is taken as it is
   */
  constructor(store: Store, root: string, kind: string, keeping?: Keeping) {
    this.store = store;
    this.name = storeName(root, kind);
    this.kind = kind;
    this.keeping = keeping;
  }

  /** @throws MeshError `unavailable` where there is no JetStream, or where no node has made it yet */
  bucket(): Promise<Bucket> {
    if (this.opening) return this.opening;
    const opening = this.store.bucket(this.name, this.keeping).catch((error: unknown) => {
      if (this.opening === opening) this.opening = undefined;
      throw explained(error, this.kind);
    });
    this.opening = opening;
    return opening;
  }

  /** It may be gone: the next one opens it anew. */
  forget(): void {
    this.opening = undefined;
  }
}

function explained(error: unknown, kind: string): unknown {
  if (!(error instanceof MeshError)) return error;
  const { code, message, retryable } = error;
  if (code === "not_found")
    return new MeshError("unavailable", `no node of this mesh has kept ${kind} yet.`, { cause: error });
  return new MeshError(code, `${kind} are kept in JetStream: ${message}`, { retryable, cause: error });
}
