import { pino } from "pino";
import { expect, test } from "vitest";
import { startTelemetry } from "../../src/process/telemetry.ts";

interface Line {
  readonly level: number;
  readonly msg: string;
}

async function started(env: Readonly<Record<string, string>>, find?: () => string | undefined) {
  const lines: Line[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
  return { telemetry: await startTelemetry(log, env, find), lines };
}

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" };
const nowhere = (): undefined => undefined;

test.each([
  {},
  { OTEL_SERVICE_NAME: "writers" },
  { ...ENDPOINT, OTEL_SDK_DISABLED: "true" },
  { ...ENDPOINT, OTEL_TRACES_EXPORTER: "none" },
])("where nobody asks for traces nothing is looked for: %o", async (env) => {
  const find = (): never => {
    throw new Error("looked for");
  };
  expect(await started(env, find)).toEqual({ telemetry: undefined, lines: [] });
});

test.each([ENDPOINT, { OTEL_TRACES_EXPORTER: "console" }])(
  "where they are asked for and nothing can send them, one line says what to install: %o",
  async (env) => {
    const { telemetry, lines } = await started(env, nowhere);
    expect(telemetry).toBeUndefined();
    expect(lines).toMatchObject([
      { level: 40, msg: expect.stringContaining("npm install @opentelemetry/sdk-node") as string },
    ]);
  },
);

test("a package that does not start keeps no node from serving", async () => {
  const broken = `data:text/javascript,${encodeURIComponent('throw new Error("broken")')}`;
  const { telemetry, lines } = await started(ENDPOINT, () => broken);
  expect(telemetry).toBeUndefined();
  expect(lines).toMatchObject([{ level: 50, msg: expect.stringContaining("does not start") as string }]);
});

test("what is not sent in time is given up, and said", async () => {
  const program =
    "export class NodeSDK { start() {} shutdown() { return Promise.reject(new Error('nobody there')); } }";
  const { telemetry, lines } = await started(
    ENDPOINT,
    () => `data:text/javascript,${encodeURIComponent(program)}`,
  );
  await telemetry?.stop();
  expect(lines.map(({ msg }) => msg)).toEqual([
    "traces are sent by OpenTelemetry",
    "the last spans could not be sent",
  ]);
});
