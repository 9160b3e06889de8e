/** When a fake model says its tokens. It rides in the model's name, so that one server speaks at any pace. */
export interface Timing {
  /** Milliseconds from the request to the first token. */
  readonly firstMs: number;
  /** Milliseconds from one token to the next. */
  readonly gapMs: number;
  readonly tokens: number;
}

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
