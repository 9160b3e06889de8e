import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isTraced } from "@shoal/mesh";
import type { Logger } from "../log.ts";
import { wordsOf } from "./words.ts";

/** The SDK of OpenTelemetry of this process, where the node has started it. */
export interface Telemetry {
  /** Sends what is not sent yet: 5 s at most. Never rejects. */
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Sdk {
  start(): void;
  shutdown(): Promise<void>;
}

const PACKAGE = "@opentelemetry/sdk-node";
const STOP_MS = 1_500;

/**
 * Starts the SDK where the environment asks for traces, as OpenTelemetry has it (`OTEL_EXPORTER_OTLP_ENDPOINT` and the
 * rest): the package of the folder that the node runs in, else that beside this one. Undefined where nobody asks for it,
 * where it runs already (`--import`), and where it is not installed, which is said in the log.
 */
export async function startTelemetry(
  log: Logger,
  env: Environment = process.env,
  find: () => string | undefined = findPackage,
): Promise<Telemetry | undefined> {
  if (!isWanted(env) || isTraced()) return undefined;
  const file = find();
  if (file === undefined) {
    log.warn({}, `traces are asked for (OTEL_…), and nothing sends them: npm install ${PACKAGE}`);
    return undefined;
  }
  try {
    // Shoal has neither for it.
    process.env["OTEL_METRICS_EXPORTER"] ??= "none";
    process.env["OTEL_LOGS_EXPORTER"] ??= "none";
    const { NodeSDK } = (await import(file)) as { NodeSDK: new (options: object) => Sdk };
    const sdk = new NodeSDK({ serviceName: env["OTEL_SERVICE_NAME"] ?? "shoal", instrumentations: [] });
    sdk.start();
    log.info({ sdk: PACKAGE }, "traces are sent by OpenTelemetry");
    return { stop: () => stop(sdk, log) };
  } catch (error) {
    log.error({ err: error }, `traces are asked for (OTEL_…), and ${PACKAGE} does not start`);
    return undefined;
  }
}

function isWanted(env: Environment): boolean {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return false;
  const exporter = env["OTEL_TRACES_EXPORTER"];
  if (exporter !== undefined && exporter !== "") return exporter !== "none";
  return Boolean(env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]);
}

/** As a URL; undefined when it is not installed. */
function findPackage(): string | undefined {
  for (const from of [join(process.cwd(), "package.json"), import.meta.url]) {
    try {
      return pathToFileURL(createRequire(from).resolve(PACKAGE)).href;
    } catch {
      // It may be in the other place.
    }
  }
  return undefined;
}

async function stop(sdk: Sdk, log: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${STOP_MS / 1_000} s`)), STOP_MS);
  });
  try {
    await Promise.race([sdk.shutdown(), late]);
  } catch (error) {
    log.warn({ reason: wordsOf(error) }, "the last spans could not be sent");
  } finally {
    clearTimeout(timer);
  }
}
