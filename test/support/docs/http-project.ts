import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { type Project, workspaceProject } from "./project.ts";

/** What `curl` prints, by the Node that is there in any case. */
const CURL = `#!/usr/bin/env node
const url = process.argv.at(-1).replace(/^(?!http)/, "http://").replace("localhost:9464", process.env.SHOAL_HTTP);
process.stdout.write(await (await fetch(url)).text());
`;

/** A newcomer's folder in which the usual port for Prometheus is one that is free here. */
export async function httpProject(): Promise<Project> {
  const project = workspaceProject();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  project.env["SHOAL_HTTP"] = `127.0.0.1:${port}`;
  const curl = join(project.directory, "..", "bin", "curl");
  writeFileSync(curl, CURL);
  chmodSync(curl, 0o755);
  return project;
}
