import { createServer } from "node:net";
import { once } from "node:events";
import type { Project } from "./project.ts";
import { type Ended, Service, run } from "./shell.ts";

/**
 * Types a page's commands into one project, in order. `shoal up` and `shoal node` go on in the background until the
 * page ends; a mesh that was started is where the later commands look for one.
 */
export class Reader {
  readonly project: Project;
  private readonly services: { command: string; service: Service }[] = [];

  constructor(project: Project) {
    this.project = project;
  }

  async type(text: string): Promise<Ended> {
    if (!/^(?:[A-Z_]+=\S+ )*npx shoal (up|node)\b/.test(text)) return run(text, this.project);
    const isPlain = text.startsWith("npx");
    const isUp = text.includes("npx shoal up");
    const command = isPlain ? text : `env ${text}`;
    const service = new Service(isUp ? `${command} --port ${await freePort()}` : command, this.project);
    this.services.push({ command: text, service });
    const output = await service.until(isUp ? /mesh ready on/ : /serving /);
    const url = /mesh ready on (nats:[^"\s]+)/.exec(output)?.[1];
    if (url !== undefined) this.project.env["NATS_URL"] = url;
    // The page tells of the usual port, which may be somebody else's here.
    return {
      output: url === undefined ? output : output.replaceAll(url, "nats://127.0.0.1:4222"),
      exitCode: 0,
    };
  }

  /** Stops what was started, the last first, and tells how each ended. */
  async close(how?: "SIGTERM" | "Ctrl-C"): Promise<{ command: string; ended: Ended }[]> {
    const all = [];
    for (const { command, service } of this.services.splice(0).toReversed()) {
      all.push({ command, ended: await service.stop(how) });
    }
    return all;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
