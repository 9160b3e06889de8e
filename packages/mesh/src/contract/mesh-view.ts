/** A method as the replicas of its agent describe it. */
export interface DescribedMethod {
  readonly name: string;
  readonly description?: string;
  /** It gives a stream. */
  readonly stream: boolean;
  /** JSON Schema of what callers send; undefined when it did not fit into one message. */
  readonly input?: unknown;
}

/** An agent as its replicas describe it now. */
export interface DescribedAgent {
  readonly name: string;
  readonly description: string;
  readonly methods: readonly DescribedMethod[];
}

/** The mesh around a replica, for agents that heed more than their own requests. */
export interface MeshView {
  /** Subject root of the mesh. */
  readonly root: string;
  /**
   * Tells `listener` of every event of this kind, of all agents, this one's own too. The returned function ends it: an agent
   * calls it in `onStop`.
   */
  hear(kind: string, listener: (event: Readonly<Record<string, unknown>>) => void): () => void;
  /** An agent, as its replicas describe it. Takes about 150 ms. @returns undefined when nobody serves it */
  discover(agent: string): Promise<DescribedAgent | undefined>;
}
