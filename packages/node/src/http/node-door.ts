import type { Census } from "@shoal/agents";
import { type Hosting, type Mesh, MeshError } from "@shoal/mesh";
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

/** A node that serves this agent tells of the whole mesh, too. */
const METRICS_AGENT = "metrics";
const MESH_PATH = "/metrics/mesh";

export class NodeDoor {
  private readonly loaded: Loaded;
  /** Where NATS is, for people. */
  private readonly nats: string;
  private readonly log: Logger;
  private readonly pages = new Map<string, Page>();
  private server: BoundedServer | undefined;
  private mesh: Mesh | undefined;
  private replicas: readonly Hosting[] | undefined;
  private census: Census | undefined;
  private isLeaving = false;

  private constructor(loaded: Loaded, nats: string, log: Logger) {
    this.loaded = loaded;
    this.nats = nats;
    this.log = log;
  }

  /**
   * One that stays shut where the configuration has no `http`.
   * @throws ConfigError when it cannot listen there
   */
  static async open(loaded: Loaded, nats: string, log: Logger): Promise<NodeDoor> {
    const door = new NodeDoor(loaded, nats, log);
    const { http } = loaded.config;
    if (http) await door.listen(http);
    return door;
  }

  joined(mesh: Mesh): void {
    this.mesh = mesh;
  }

  /** All has started. */
  async serves(replicas: readonly Hosting[]): Promise<void> {
    this.replicas = replicas;
    if (this.server && replicas.some(({ agent }) => agent === METRICS_AGENT)) await this.showMesh();
  }

  /** HE5: it answers for as long as `drain` takes, and then no more. */
  async leaving(drain: () => Promise<void>): Promise<void> {
    this.isLeaving = true;
    this.pages.delete(MESH_PATH);
    this.census?.close();
    try {
      await drain();
    } finally {
      this.close();
    }
  }

  close(): void {
    this.server?.close();
  }

  private async listen(http: HttpEntry): Promise<void> {
    // Loaded where somebody may ask, and from then on the process is watched.
    const { TEXT_TYPE, nodePage } = await import("../prometheus/node-page.ts");
    const { pages, log } = this;
    pages.set("/healthz", () => json(200, { alive: true }));
    pages.set("/readyz", () => readyPage(this.readiness));
    pages.set("/metrics", async () => ({
      status: 200,
      type: TEXT_TYPE,
      body: await nodePage(this.standing),
    }));
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

  /** Books of its own, and not the agent's: where that begins anew, counts would fall. */
  private async showMesh(): Promise<void> {
    const { mesh, log } = this;
    if (!mesh) return;
    const [{ Census }, { TEXT_TYPE, meshPage }] = await Promise.all([
      import("@shoal/agents"),
      import("../prometheus/mesh-page.ts"),
    ]);
    const onGarbage = (err: Error, subject: string): void =>
      log.debug({ err, subject }, "these are no figures of a node");
    const census = new Census({ port: mesh.port, root: mesh.root, onGarbage });
    try {
      await census.open();
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      log.warn({ reason: error.message }, `there is no ${MESH_PATH}`);
      return;
    }
    if (this.isLeaving) return census.close();
    this.census = census;
    this.pages.set(MESH_PATH, async () => ({ status: 200, type: TEXT_TYPE, body: await meshPage(census) }));
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
