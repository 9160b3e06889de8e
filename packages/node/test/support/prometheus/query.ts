import { parser } from "@prometheus-io/lezer-promql";

/** One selector of a query: `shoal_replicas{agent="a"}`. */
export interface Selector {
  readonly metric: string;
  /** Labels that are matched; those that the query groups by are in all of its selectors. */
  readonly labels: readonly string[];
}

/**
 * What a query asks for.
 * @throws Error when it is no PromQL
 */
export function selectorsIn(query: string): Selector[] {
  const selectors: { metric: string; labels: string[] }[] = [];
  const grouped: string[] = [];
  let isGrouping = false;
  parser.parse(query).iterate({
    enter({ type, from, to }) {
      const text = query.slice(from, to);
      if (type.isError) throw new Error(`no PromQL at ${from}: ${query}`);
      if (type.name === "VectorSelector") selectors.push({ metric: "", labels: [] });
      if (type.name === "GroupingLabels") isGrouping = true;
      const last = selectors.at(-1);
      if (type.name === "Identifier" && last?.metric === "") last.metric = text;
      if (type.name === "LabelName") (isGrouping ? grouped : last?.labels)?.push(text);
    },
    leave({ type }) {
      if (type.name === "GroupingLabels") isGrouping = false;
    },
  });
  return selectors.map(({ metric, labels }) => ({ metric, labels: [...labels, ...grouped] }));
}
