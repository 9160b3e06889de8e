/** One thing that was looked at. */
export interface Finding {
  /** What it is about, such as `NATS`. */
  readonly topic: string;
  /** `warning`: it works, and not as well as it might; `problem`: something does not. */
  readonly state: "ok" | "warning" | "problem";
  readonly text: string;
  /** What to do about it; undefined where it is well. */
  readonly advice?: string;
}

export function ok(topic: string, text: string): Finding {
  return { topic, state: "ok", text };
}

export function warning(topic: string, text: string, advice: string): Finding {
  return { topic, state: "warning", text, advice };
}

export function problem(topic: string, text: string, advice: string): Finding {
  return { topic, state: "problem", text, advice };
}
