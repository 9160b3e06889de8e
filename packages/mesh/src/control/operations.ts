import { MeshError } from "../errors.ts";
import { nearest } from "../client/suggest.ts";
import type { ControlRequest } from "./control-request.ts";

/**
 * Does what it is asked, and tells what came of it as an object.
 * @param isForAll all nodes were asked at once
 * @returns undefined when this node has nothing to say: whoever asked this node alone is told `not_found`, whoever asked
 *   all of them hears nothing of it
 * @throws MeshError what its asker is told
 */
export type Operation = (
  request: ControlRequest,
  isForAll?: boolean,
) => object | undefined | Promise<object | undefined>;

/** What a node can be asked, by name. */
export class Operations {
  private readonly known = new Map<string, Operation>();

  /** Names, sorted. */
  get names(): string[] {
    return [...this.known.keys()].sort();
  }

  /** Adds one, in place of another of its name. */
  add(name: string, operation: Operation): void {
    this.known.set(name, operation);
  }

  /** @throws MeshError `not_found` when there is none of this name, and what the operation throws */
  async run(request: ControlRequest, isForAll: boolean): Promise<object | undefined> {
    const operation = this.known.get(request.op);
    if (operation) return operation(request, isForAll);
    const [alike] = nearest(request.op, this.names);
    const hint = alike === undefined ? `it knows ${this.names.join(", ")}` : `did you mean "${alike}"`;
    throw new MeshError("not_found", `this node has no operation "${request.op}": ${hint}.`);
  }
}
