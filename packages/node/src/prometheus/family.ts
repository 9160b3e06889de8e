/** Values that belong together under one name, as Prometheus has them. */
export interface Family {
  /** Of a counter it ends in `_total`; a unit in it is a base unit: seconds, bytes. */
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** Of a histogram: what is behind the family's name, such as `_sum`. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
  readonly labels: Labels;
  readonly value: number;
}

export function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "counter", samples };
}

export function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "gauge", samples };
}

export function histogram(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "histogram", samples };
}
