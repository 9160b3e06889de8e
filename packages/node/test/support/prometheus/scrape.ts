import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { pythonPath } from "../../../../../test/support/python.ts";

const READER = fileURLToPath(new URL("read.py", import.meta.url));

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  /** A counter's is without `_total`. */
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** What one target has told. */
export class Scrape {
  readonly families: readonly Family[];

  /** @throws Error when Prometheus's own parser cannot read it */
  constructor(text: string) {
    const { stdout, stderr, status } = spawnSync(pythonPath(), [READER], { input: text, encoding: "utf8" });
    if (status !== 0) throw new Error(`this cannot be scraped:\n${stderr}\n${text}`);
    this.families = JSON.parse(stdout, (key, value: unknown) =>
      key === "value" ? Number(value) : value,
    ) as Family[];
  }

  /** @param url of the page */
  static async of(url: string): Promise<Scrape> {
    const answer = await fetch(url);
    const text = await answer.text();
    const type = answer.headers.get("content-type");
    if (answer.status !== 200 || type !== "text/plain; version=0.0.4; charset=utf-8")
      throw new Error(`${url} answered ${answer.status}, ${type}:\n${text}`);
    return new Scrape(text);
  }

  /** The samples of one name that have these labels. */
  samples(name: string, labels: Readonly<Record<string, string>> = {}): Sample[] {
    return this.families
      .flatMap(({ samples }) => samples)
      .filter(
        (each) =>
          each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
      );
  }

  /** Their sum; undefined without any. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const samples = this.samples(name, labels);
    return samples.length > 0 ? samples.reduce((total, { value }) => total + value, 0) : undefined;
  }

  /** What is wrong with it beyond its grammar, as a linter would say it. */
  get faults(): string[] {
    return this.families.flatMap((family) => [...faultsOf(family), ...histogramFaults(family)]);
  }
}

function faultsOf({ name, type, help, samples }: Family): string[] {
  const faults: string[] = [];
  if (help === "") faults.push(`${name} has no help`);
  if (type === "unknown") faults.push(`${name} has no type`);
  if (type !== "counter" && name.endsWith("_total")) faults.push(`${name} is no counter`);
  if (type === "counter" && samples.some((each) => each.name !== `${name}_total`))
    faults.push(`${name} is a counter without _total`);
  if (/_(ms|milliseconds|minutes|kilobytes|percent)(_|$)/.test(name)) faults.push(`${name} has no base unit`);
  // Of what it has not seen yet, Node's own figures are none.
  if (name.startsWith("shoal_") && samples.some(({ value }) => !Number.isFinite(value)))
    faults.push(`${name} is no number`);
  const series = samples.map((each) =>
    JSON.stringify(each, ["name", "labels", ...Object.keys(each.labels).toSorted()]),
  );
  if (new Set(series).size < series.length) faults.push(`${name} has one series twice`);
  return faults;
}

/** Buckets grow, to infinity, where their count is. */
function histogramFaults({ name, type, samples }: Family): string[] {
  if (type !== "histogram") return [];
  const of = ({ labels: { le: _le, ...rest } }: Sample): string => JSON.stringify(rest);
  return [...Map.groupBy(samples, of)].flatMap(([key, all]) => {
    const buckets = all
      .filter((each) => each.name === `${name}_bucket`)
      .map(({ labels, value }) => ({ le: Number(labels["le"]?.replace("+Inf", "Infinity")), value }));
    const grows = buckets.every(
      ({ le, value }, i) => i === 0 || (le > buckets[i - 1]!.le && value >= buckets[i - 1]!.value),
    );
    const last = buckets.at(-1);
    const count = all.find((each) => each.name === `${name}_count`)?.value;
    return grows && last?.le === Infinity && last.value === count ? [] : [`${name} ${key} is no histogram`];
  });
}
