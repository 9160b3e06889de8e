import { globSync, readFileSync } from "node:fs";
import { parse, parseAllDocuments } from "yaml";
import { REPOSITORY, inRepository } from "../../../../../test/support/repository.ts";

/** A query of what is deployed, and where it stands. */
export interface DeployedQuery {
  readonly where: string;
  readonly query: string;
}

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

interface Panel {
  readonly title?: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const { groups } = parse(readFileSync(inRepository("deploy/prometheus/alerts.yml"), "utf8")) as {
  groups: readonly { rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

/** Names that rules record; their labels are in them, such as `agent:…`. */
export const RECORDED: readonly string[] = rules.flatMap(({ record }) => record ?? []);

export const ALERTS: readonly string[] = rules.flatMap(({ alert }) => alert ?? []);

/** Those that `promtool test rules` is told to see fire. */
export function testedAlerts(): string[] {
  const file = readFileSync(inRepository("deploy/prometheus/alerts.test.yml"), "utf8");
  const { tests } = parse(file) as {
    tests: readonly { alert_rule_test: readonly { alertname: string; exp_alerts?: unknown }[] }[];
  };
  const firing = tests.flatMap((each) => each.alert_rule_test.filter(({ exp_alerts }) => exp_alerts));
  return [...new Set(firing.map(({ alertname }) => alertname))];
}

/** Of every rule, of every panel of the dashboard, and of what scales nodes. */
export function deployedQueries(): DeployedQuery[] {
  const file = inRepository("deploy/grafana/dashboards/shoal.json");
  const { panels, templating } = JSON.parse(readFileSync(file, "utf8")) as {
    panels: readonly Panel[];
    templating: { list: readonly { definition?: string }[] };
  };
  return [
    ...rules.map(({ record, alert, expr }) => ({ where: record ?? alert ?? "", query: expr })),
    ...panels.flatMap(({ title = "", targets = [] }) =>
      targets.map(({ expr }) => ({ where: title, query: withoutVariables(expr) })),
    ),
    ...templating.list.flatMap(({ definition }) => {
      const [, query, label] = /^label_values\((.+), (\w+)\)$/.exec(definition ?? "") ?? [];
      return query === undefined ? [] : [{ where: "variable", query: `sum by (${label}) (${query})` }];
    }),
    ...scalers(),
  ];
}

/** Whatever is called a query in what Kubernetes is given. */
function scalers(): DeployedQuery[] {
  return globSync("deploy/kubernetes/**/*.yaml", { cwd: REPOSITORY }).flatMap((where) => {
    const found: DeployedQuery[] = [];
    for (const document of parseAllDocuments(readFileSync(inRepository(where), "utf8")))
      JSON.stringify(document, (key, value: unknown) => {
        if (key === "query" && typeof value === "string") found.push({ where, query: value });
        return value;
      });
    return found;
  });
}

/** As Grafana asks. */
function withoutVariables(query: string): string {
  return query.replaceAll("$__rate_interval", "1m").replaceAll("$agent", ".*");
}
