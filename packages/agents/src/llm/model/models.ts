import type { ModelInput } from "../options.ts";
import type { Loaded } from "./language-model.ts";
import { type ModelSource, loadModel } from "./load-model.ts";

/** The models of one agent, in the order in which they are asked. Each is made when it is first asked. */
export class Models {
  readonly names: readonly string[];
  private readonly inputs: readonly ModelInput[];
  private readonly source: ModelSource;
  private readonly loading = new Map<number, Promise<Loaded>>();

  constructor(inputs: readonly ModelInput[], source: ModelSource) {
    this.inputs = inputs;
    this.source = source;
    this.names = inputs.map(nameOf);
  }

  get size(): number {
    return this.inputs.length;
  }

  /** @throws MeshError that says why it cannot be made; it is tried again the next time */
  load(index: number): Promise<Loaded> {
    const known = this.loading.get(index);
    if (known) return known;
    const loading = this.make(this.inputs[index] as ModelInput);
    this.loading.set(index, loading);
    loading.catch(() => this.loading.delete(index));
    return loading;
  }

  private async make(input: ModelInput): Promise<Loaded> {
    if (typeof input === "string") return loadModel(input, this.source);
    const name = nameOf(input);
    return { model: input, name, account: name, secrets: [] };
  }
}

function nameOf(input: ModelInput): string {
  return typeof input === "string" ? input : `${input.provider}::${input.modelId}`;
}
