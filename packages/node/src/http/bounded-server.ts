import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { isIPv6 } from "node:net";

/**
 * A small HTTP server for machines that look whether, and how, a process works.
 *
 * HE1: bounded: connections, the time that each may take, and what is read of a request; a page that fails is told as 500.
 * HE2: it keeps no process alive, and ends when it is told to, whoever is connected.
 */

const MOST_CONNECTIONS = 64;
const MOST_HEADER_BYTES = 8_192;
const PATIENCE_MS = 5_000;
/** In this part of its patience it looks for requests that come too slowly. */
const LOOKS = 5;

export interface Answer {
  readonly status: number;
  /** Its media type. */
  readonly type: string;
  readonly body: string;
}

/** What is at one path. */
export type Page = () => Answer | Promise<Answer>;

export interface ServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** By path, such as `/healthz`. */
  readonly pages: ReadonlyMap<string, Page>;
  /** A request that has not come whole by then, and a connection on which nothing moves, is given up. Default 5 s. */
  readonly patienceMs?: number;
  /** Told when a page fails. */
  readonly onError: (path: string, error: unknown) => void;
}

export class BoundedServer {
  private readonly server: Server;
  private readonly options: ServerOptions;

  private constructor(options: ServerOptions) {
    this.options = options;
    const { patienceMs = PATIENCE_MS } = options;
    this.server = createServer(
      {
        maxHeaderSize: MOST_HEADER_BYTES,
        headersTimeout: patienceMs,
        requestTimeout: patienceMs,
        connectionsCheckingInterval: patienceMs / LOOKS,
      },
      (request, response) => void this.respond(request, response),
    );
    this.server.maxConnections = MOST_CONNECTIONS;
    this.server.setTimeout(patienceMs);
    // HE2
    this.server.unref();
  }

  /** @throws Error with a `code` such as `EADDRINUSE` when it cannot listen there */
  static async listen(options: ServerOptions): Promise<BoundedServer> {
    const bounded = new BoundedServer(options);
    const { host, port } = options;
    bounded.server.listen({ host, port });
    await once(bounded.server, "listening");
    return bounded;
  }

  /** Such as `http://127.0.0.1:9464`. */
  get url(): string {
    const address = this.server.address();
    const port = typeof address === "object" && address ? address.port : this.options.port;
    const { host } = this.options;
    return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  }

  /** HE2. Idempotent. */
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ""] = (request.url ?? "").split("?");
    const { pages, onError } = this.options;
    const page = pages.get(path);
    if (hasBody(request)) return send(response, text(413, "a request here has no body\n"));
    if (!page) return send(response, text(404, `there is ${[...pages.keys()].join(", ")}\n`));
    if (request.method !== "GET" && request.method !== "HEAD")
      return send(response, text(405, "GET or HEAD\n"), { allow: "GET, HEAD" });
    try {
      send(response, await page());
    } catch (error) {
      onError(path, error);
      send(response, text(500, "this page could not be made: the log says why\n"));
    }
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function send(
  response: ServerResponse,
  { status, type, body }: Answer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    // Who asks comes back after 10 s or more: one that reused a connection might find it given up in that very moment.
    connection: "close",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  // Of a response to HEAD Node sends the headers alone.
  response.end(body);
}

function text(status: number, body: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body };
}
