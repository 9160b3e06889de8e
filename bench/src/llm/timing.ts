/** When a fake model says its tokens. It rides in the model's name, so that one server speaks at any pace. */
export interface Timing {
  /** Milliseconds from the request to the first token. */
  readonly firstMs: number;
  /** Milliseconds from one token to the next. */
  readonly gapMs: number;
  readonly tokens: number;
}

export const FIRST: Timing = { firstMs: 20, gapMs: 5, tokens: 3 };
/** What hosted models give: 50 tokens a second. */
export const FLOW: Timing = { firstMs: 20, gapMs: 20, tokens: 200 };
/** A token, and then none for as long as anybody looks. */
export const PAUSED: Timing = { firstMs: 0, gapMs: 3_600_000, tokens: 2 };

export function modelOf({ firstMs, gapMs, tokens }: Timing): string {
  return `steady-${firstMs}-${gapMs}-${tokens}`;
}

/** @throws Error for a name that is none of `modelOf` */
export function timingOf(model: string): Timing {
  const parts = /^steady-(\d+)-(\d+)-(\d+)$/.exec(model);
  if (!parts) throw new Error(`no such model: ${model}`);
  const [firstMs = 0, gapMs = 0, tokens = 0] = parts.slice(1).map(Number);
  return { firstMs, gapMs, tokens };
}
