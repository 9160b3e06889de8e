/** Who a bar or line stands for: Shoal, a limit that nobody can pass, or anybody else. */
type Role = "ours" | "limit" | "other";

interface Head {
  /** Part of the file's name: lower-case letters, digits and "-". */
  readonly name: string;
  readonly title: string;
  /** What the figures are, and which way is better. */
  readonly subtitle: string;
}

/** Something along the value axis to compare with, as a line across the picture. */
export interface Reference {
  readonly value: number;
  readonly label: string;
}

export interface Bar {
  readonly label: string;
  /** A bar without a finite value is shown as "not measured". */
  readonly value: number;
  /** 95 % interval of the value. */
  readonly low?: number;
  readonly high?: number;
  /** What it is to reach, or to stay below: a mark across the bar. */
  readonly wanted?: number;
  /** Default `other`. */
  readonly role?: Role;
}

/** Horizontal bars in groups: who did how well at which load. */
export interface BarPlot extends Head {
  readonly kind: "bars";
  /** Name of the value axis, with its unit. */
  readonly axis: string;
  /** Stands behind each value, such as "×" or " ms". */
  readonly unit: string;
  readonly reference?: Reference;
  readonly groups: readonly { readonly title: string; readonly bars: readonly Bar[] }[];
}

export interface Line {
  readonly label: string;
  /** `[x, y]` in the order of x. */
  readonly points: readonly (readonly [number, number])[];
  /** Default `other`. */
  readonly role?: Role;
}

/** Lines over an axis of numbers: how a figure changes with time or size. */
export interface LinePlot extends Head {
  readonly kind: "lines";
  /** Names of the axes, with their units. */
  readonly xAxis: string;
  readonly yAxis: string;
  readonly lines: readonly Line[];
}

/** A picture of figures; whoever describes it knows nothing of how it is drawn. */
export type Plot = BarPlot | LinePlot;
