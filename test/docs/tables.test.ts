import { expect, it } from "vitest";
import type { z } from "zod";
import { FAILURES } from "../../packages/agents/src/llm/failures.ts";
import { llm } from "../../packages/agents/src/llm/llm-kind.ts";
import { PROVIDERS } from "../../packages/agents/src/llm/model/providers.ts";
import { engineSettingsOf, keepMsOf } from "../../packages/agents/src/local/settings.ts";
import { cachePolicyOf } from "../../packages/mesh/src/contract/cache-options.ts";
import { ERROR_CODES } from "../../packages/mesh/src/errors.ts";
import { Header } from "../../packages/mesh/src/protocol/headers.ts";
import { policyOf } from "../../packages/mesh/src/supervisor/options.ts";
import { createProgram } from "../../packages/node/src/command/program.ts";
import { fromEnvironment } from "../../packages/node/src/config/overrides.ts";
import { settingsAt } from "../../packages/node/src/config/schema.ts";
import { familiesOf } from "../../packages/node/src/prometheus/families.ts";
import { supervisorFamilies } from "../../packages/node/src/prometheus/supervisor-families.ts";
import { ExitCode } from "../../packages/node/src/exit-code.ts";
import { MODEL_PAGE, RUN_PAGES, readPage, tableOf } from "../support/docs/page.ts";

/** Commands that watch until Ctrl-C: no example of a page can wait for their end. */
const GOES_ON = new Set(["tail"]);

it("docs/client.md lists every error code as it is", () => {
  const yes = (does: boolean): string => (does ? "yes" : "no");
  const told = tableOf(readPage("docs/client.md"), "code", "status", "retryable", "may have run");
  expect(told.map(([code = "", ...facts]) => [code.split(" ")[0], ...facts])).toEqual(
    Object.entries(ERROR_CODES).map(([code, { status, retryable, mayHaveRun }]) => [
      code,
      String(status),
      yes(retryable),
      yes(mayHaveRun),
    ]),
  );
});

it("docs/cli.md lists every command of shoal", () => {
  const program = createProgram();
  const told = tableOf(readPage("docs/cli.md"), "command", "what it does");
  expect(told.map(([usage = ""]) => usage.split(" ")[0])).toEqual(
    program
      .createHelp()
      .visibleCommands(program)
      .map((command) => command.name())
      .filter((name) => name !== "help"),
  );
});

it("docs/running.md names environment variables that are read", () => {
  const told = /The environment overrides it: ([^]*?)\n\n/.exec(readPage("docs/running.md").text)?.[1] ?? "";
  const names = [...told.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
  const set = Object.fromEntries(names.map((name) => [name, "1"]));
  expect(names.length).toBeGreaterThan(3);
  expect(fromEnvironment(set).map(({ origin }) => origin)).toEqual(names.map((name) => `$${name}`));
});

it("docs/supervisors.md lists every policy, with its default", () => {
  const told = tableOf(readPage("docs/supervisors.md"), "setting", "default", "meaning");
  const settings = [...new Set(told.map(([setting = ""]) => setting.split(".")[0]))];
  const others = ["name", "version", "description", "targets", "idempotent", "replicas"];
  expect([...settings, ...others].toSorted()).toEqual(settingsAt(["supervisors", 0]).toSorted());
  const defaults: Record<string, Record<string, unknown>> = {};
  for (const [setting = "", value = ""] of told) {
    const [section = "", key] = setting.split(".");
    if (key !== undefined) (defaults[section] ??= {})[key] = Number(value) || value;
  }
  for (const [section, told] of Object.entries(defaults))
    expect(Object.keys(told)).toEqual(settingsAt(["supervisors", 0, section]));
  const supervisor = { name: "a", targets: ["b"] };
  expect(policyOf({ ...supervisor, ...defaults })).toEqual(policyOf({ ...supervisor, hedge: true }));
});

it("docs/pipelines.md lists options and settings that there are", () => {
  const page = readPage("docs/pipelines.md");
  const told = tableOf(page, "option", "default", "meaning").map(([option = ""]) => option);
  const ofStages = settingsAt(["pipelines", 0, "stages", 0]);
  // A schema has no place in a text.
  expect([...ofStages, "output"]).toEqual(expect.arrayContaining(told));
  const { text } = readPage("docs/pipelines-in-yaml.md");
  for (const setting of [...ofStages, ...settingsAt(["pipelines", 0])])
    expect(text, setting).toMatch(new RegExp(`\\b${setting}\\b`));
});

it("docs/cache.md lists every setting, with its default", () => {
  const told = tableOf(readPage("docs/cache.md"), "setting", "default", "meaning");
  const names = told.map(([setting = ""]) => setting);
  // A function has no place in a configuration.
  expect(names.filter((name) => name !== "key").toSorted()).toEqual(
    settingsAt(["agents", 0, "cache", "ask"]).toSorted(),
  );
  const set = told.filter(([, value]) => value !== "" && value !== undefined);
  const defaults = Object.fromEntries(
    set.map(([name = "", value = ""]) => [name, value === "false" ? false : Number(value)]),
  );
  const policy = cachePolicyOf("cache", { ttl: "5m", ...defaults });
  const plain = cachePolicyOf("cache", { ttl: "5m" });
  expect(JSON.stringify(policy)).toBe(JSON.stringify(plain));
});

it("docs/models.md lists every kind of failure as it is, and every provider", () => {
  const page = readPage("docs/models.md");
  const yes = (does: boolean): string => (does ? "yes" : "no");
  const told = tableOf(page, "kind", "code", "retryable", "next model", "when");
  expect(told.map((row) => row.slice(0, 4))).toEqual(
    Object.entries(FAILURES).map(([kind, { code, retryable, next }]) => [
      kind,
      code,
      yes(retryable),
      yes(next),
    ]),
  );
  expect(tableOf(page, "provider", "package", "key, in the environment")).toEqual(
    Object.entries(PROVIDERS).map(([name, provider]) => [name, provider.package, provider.key ?? ""]),
  );
});

it("docs/models.md lists every setting of a model agent", () => {
  const told = tableOf(readPage("docs/models.md"), "setting", "default", "meaning");
  const known = Object.keys((llm.options as unknown as z.ZodObject).shape);
  expect(told.map(([setting]) => setting)).toEqual(known);
});

it("docs/local-models.md lists every setting, with its default", () => {
  const told = tableOf(readPage(MODEL_PAGE), "setting", "default", "meaning");
  const { slots = 0, contextSize = 0, unloadAfter = "" } = Object.fromEntries(told) as Record<string, string>;
  const defaults = { ...engineSettingsOf({}), unloadAfter: keepMsOf({}), directory: "" };
  expect(told.map(([name]) => name).toSorted()).toEqual(Object.keys(defaults).toSorted());
  expect(defaults).toMatchObject({
    slots: Number(slots),
    contextSize: Number(contextSize),
    unloadAfter: keepMsOf({ unloadAfter: unloadAfter as "10m" }),
  });
});

it("docs/cli.md lists every exit code", () => {
  const told = tableOf(readPage("docs/cli.md"), "exit code", "meaning");
  expect(told.map(([code]) => Number(code))).toEqual(Object.values(ExitCode));
});

it("docs/nats-cli.md lists headers that there are", () => {
  const told = tableOf(readPage("docs/nats-cli.md"), "header", "meaning").map(([name]) => name);
  expect(Object.values(Header)).toEqual(expect.arrayContaining(told));
});

it("docs/prometheus.md lists every figure", () => {
  const told = tableOf(readPage("docs/prometheus.md"), "name", "labels", "what").map(([name]) => name);
  const families = [...familiesOf({ nodes: [], replicas: [] }), ...supervisorFamilies([])];
  const names = families.map(({ name }) => name);
  const ofNodes = ["shoal_node_info", "shoal_node_ready", "shoal_nats_reconnects_total"];
  expect(told.toSorted()).toEqual([...names, ...ofNodes].toSorted());
});

it("every command of shoal is in an example that is run", () => {
  const program = createProgram();
  const run = RUN_PAGES.concat(MODEL_PAGE)
    .flatMap((path) => readPage(path).blocks.filter(({ language }) => language === "console"))
    .map(({ text }) => text)
    .join("\n");
  const names = program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name())
    .filter((name) => name !== "help" && !GOES_ON.has(name));
  expect(names.filter((name) => !new RegExp(`^\\$ npx shoal ${name}\\b`, "m").test(run))).toEqual([]);
});

it("docs/operations.md asks by commands that there are", () => {
  const program = createProgram();
  const told = tableOf(readPage("docs/operations.md"), "you see", "ask", "it is").map(([, ask = ""]) => ask);
  const asked = told.flatMap((ask) => /^shoal (\w[\w-]*)/.exec(ask)?.[1] ?? []);
  expect(asked.length).toBeGreaterThan(5);
  expect(program.commands.map((command) => command.name())).toEqual(expect.arrayContaining(asked));
});
