import { once } from "node:events";
import { type IncomingMessage, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "./shoal.ts";

/** A span as it came, with what a reader of it wants to know. */
export interface ReceivedSpan {
  readonly name: string;
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  /** 2 for an error. */
  readonly status: number;
  readonly message: string | undefined;
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** `tracestate` */
  readonly state: string | undefined;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes?: readonly Attribute[];
  readonly events?: readonly { readonly name: string; readonly attributes?: readonly Attribute[] }[];
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly traceState?: string;
}

/** Takes spans as a collector does: OTLP over HTTP, in JSON. */
export class OtlpReceiver implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
    server.on("request", (request: IncomingMessage, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      request.on("end", () => {
        if (request.url === "/v1/traces") this.take(text);
        response.setHeader("content-type", "application/json").end("{}");
      });
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new OtlpReceiver(server);
  }

  /** What sends spans here. */
  get env(): Record<string, string> {
    const { port } = this.server.address() as AddressInfo;
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "100",
    };
  }

  /** The one span of a name that fits. @throws Error with what has come when there is none in time */
  async span(name: string, fits: (span: ReceivedSpan) => boolean = () => true): Promise<ReceivedSpan> {
    const find = (): ReceivedSpan | undefined => this.spans.find((each) => each.name === name && fits(each));
    await until(
      `the span ${name}`,
      () => find() !== undefined,
      () =>
        this.spans
          .map((each) => `${each.service} ${each.name} ${JSON.stringify(each.attributes)}`)
          .join("\n"),
    );
    return find() as ReceivedSpan;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private take(text: string): void {
    const { resourceSpans } = JSON.parse(text) as {
      resourceSpans: {
        resource: { attributes: Attribute[] };
        scopeSpans: { spans: OtlpSpan[] }[];
      }[];
    };
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(plain(resource.attributes)["service.name"]);
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) this.spans.push(received(span, service));
    }
  }
}

function received(span: OtlpSpan, service: string): ReceivedSpan {
  return {
    name: span.name,
    service,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? "",
    kind: span.kind,
    attributes: plain(span.attributes),
    events: (span.events ?? []).map(({ name, attributes }) => ({ name, attributes: plain(attributes) })),
    status: span.status?.code ?? 0,
    message: span.status?.message,
    startNs: BigInt(span.startTimeUnixNano),
    endNs: BigInt(span.endTimeUnixNano),
    state: span.traceState,
  };
}

function plain(attributes: readonly Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [only] = Object.values(value);
      return [key, "intValue" in value ? Number(only) : only];
    }),
  );
}
