import type { CachePolicy } from "../contract/cache-options.ts";
import type { MeshError } from "../errors.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import { type Terms, isPermanent } from "./outcome.ts";

/** Of what those get who wait, and nobody else. */
const ONCE: Terms = { tags: [], ttlMs: 0, staleMs: 0 };

export interface TermsParts {
  /** 0 to 1. */
  readonly random: () => number;
  /** The agent's own `tags` has failed. */
  readonly onFault: (error: unknown) => void;
}

/** For how long the outcomes of a method are kept, and by which tags they are cleared. */
export class TermsOf {
  private readonly policy: CachePolicy;
  private readonly parts: TermsParts;

  constructor(policy: CachePolicy, parts: TermsParts) {
    this.policy = policy;
    this.parts = parts;
  }

  answer(input: unknown, value: unknown, metadata: ReplyMetadata | undefined): Terms {
    // K13
    if (metadata?.degraded) return ONCE;
    const { ttlMs, staleMs, jitter } = this.policy;
    const tags = this.tagsOf(input, value);
    // What was made at one time is not to end at one time.
    return tags ? { tags, ttlMs: ttlMs * (1 - jitter * this.parts.random()), staleMs } : ONCE;
  }

  error(error: MeshError): Terms {
    // K13
    return isPermanent(error) ? { ...ONCE, ttlMs: this.policy.errorTtlMs } : ONCE;
  }

  /** Undefined when they cannot be made: what could not be cleared is not kept. */
  private tagsOf(input: unknown, value: unknown): readonly string[] | undefined {
    try {
      return this.policy.tagsOf(input, value);
    } catch (error) {
      this.parts.onFault(error);
      return undefined;
    }
  }
}
