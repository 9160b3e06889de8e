import type { Hosting, Mesh } from "@shoal/mesh";
import type { HttpEntry } from "../config/http-schema.ts";
import type { Loaded } from "../config/load.ts";
import { ConfigError } from "../config/problem.ts";
import type { Logger } from "../log.ts";
import type { NodeStanding } from "../prometheus/node-page.ts";
import { type Answer, BoundedServer, type Page } from "./bounded-server.ts";
import { type Readiness, readinessOf } from "./readiness.ts";

/**
 * What a node answers over HTTP, from before it has found NATS until it has gone.
 *
 * HE4: `/healthz` asks for nothing but a turn of the event loop: a node without NATS, and one that drains, lives. Who
 *      would kill it for either loses work and helps nobody.
 * HE5: `/readyz` is 503 from the moment at which the node begins to leave.
 */
export class NodeDoor {
  private readonly loaded: Loaded;
  /** Where NATS is, for people. */
  private readonly nats: string;
  private server: BoundedServer | undefined;
  private mesh: Mesh | undefined;
  private replicas: readonly Hosting[] | undefined;
  private isLeaving = false;

  private constructor(loaded: Loaded, nats: string) {
    this.loaded = loaded;
    this.nats = nats;
  }

  /**
   * One that stays shut where the configuration has no `http`.
   * @throws ConfigError when it cannot listen there
   */
  static async open(loaded: Loaded, nats: string, log: Logger): Promise<NodeDoor> {
    const door = new NodeDoor(loaded, nats);
    const { http } = loaded.config;
    if (http) await door.listen(http, log);
    return door;
  }

  joined(mesh: Mesh): void {
    this.mesh = mesh;
  }

  /** All has started. */
  serves(replicas: readonly Hosting[]): void {
    this.replicas = replicas;
  }

  /** HE5: it answers for as long as `drain` takes, and then no more. */
  async leaving(drain: () => Promise<void>): Promise<void> {
    this.isLeaving = true;
    try {
      await drain();
    } finally {
      this.close();
    }
  }

  close(): void {
    this.server?.close();
  }

  private async listen(http: HttpEntry, log: Logger): Promise<void> {
    // Loaded where somebody may ask, and from then on the process is watched.
    const { TEXT_TYPE, nodePage } = await import("../prometheus/node-page.ts");
    const pages = new Map<string, Page>([
      ["/healthz", () => json(200, { alive: true })],
      ["/readyz", () => readyPage(this.readiness)],
      ["/metrics", async () => ({ status: 200, type: TEXT_TYPE, body: await nodePage(this.standing) })],
    ]);
    try {
      this.server = await BoundedServer.listen({
        ...http,
        pages,
        onError: (path, error) => log.error({ err: error }, `${path} could not be answered`),
      });
    } catch (error) {
      throw new ConfigError([{ file: "http", path: "", message: sentence(error, http) }]);
    }
    log.info({}, `health and figures on ${this.server.url}`);
  }

  private get readiness(): Readiness {
    const { loaded, mesh, nats, replicas, isLeaving } = this;
    return readinessOf({
      isConnected: mesh?.port.isConnected,
      nats,
      agents: loaded.hosted.map(({ agent }) => agent.contract.name),
      replicas,
      isLeaving,
    });
  }

  private get standing(): NodeStanding {
    return { figures: this.mesh?.figures(), isReady: this.readiness.ready };
  }
}

function readyPage(readiness: Readiness): Answer {
  return json(readiness.ready ? 200 : 503, readiness);
}

function json(status: number, value: object): Answer {
  return { status, type: "application/json", body: `${JSON.stringify(value)}\n` };
}

function sentence(error: unknown, { host, port }: HttpEntry): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE")
    return `port ${port} of ${host} is taken: another node may be there; name another port, or 0 for any that is free`;
  if (code === "EACCES") return `this user may not listen on port ${port}: name one above 1023`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `${host} is no address of this machine: use 127.0.0.1, or 0.0.0.0 for all of them`;
  return `cannot listen on port ${port} of ${host}: ${message}`;
}
