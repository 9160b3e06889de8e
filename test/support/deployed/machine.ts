import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Project, workspaceProject } from "../docs/project.ts";
import { inRepository } from "../repository.ts";
import type { DeployedCluster } from "./cluster.ts";
import type { Role, Roles } from "./roles.ts";

/** A machine where nodes run, as `deploy/shoal.yaml` has them, and where people have contexts of all roles. */
export function workMachine(roles: Roles, { servers, caFile }: DeployedCluster): Project {
  const project = workspaceProject();
  const { directory, env } = project;
  const secrets = join(directory, "secrets");
  mkdirSync(secrets);
  cpSync(caFile, join(secrets, "ca.crt"));
  for (const role of ["node", "metrics"])
    cpSync(join(roles.directory, `${role}.nk`), join(secrets, `${role}.nk`));
  const shoal = readFileSync(inRepository("deploy/shoal.yaml"), "utf8");
  const own = inRepository("test/support/deployed/tab.ts");
  writeFileSync(join(directory, "shoal.yaml"), shoal.replace("# - ./agents/hello.ts", `- ${own}`));
  cpSync(inRepository("deploy/metrics.yaml"), join(directory, "metrics.yaml"));
  env["NATS_URL"] = servers;
  for (const role of ["cli", "operator", "client"] as const)
    writeContext(env, role, roles, { servers, caFile });
  return project;
}

function writeContext(
  env: NodeJS.ProcessEnv,
  role: Role,
  roles: Roles,
  { servers, caFile }: Pick<DeployedCluster, "servers" | "caFile">,
): void {
  const { nkey, inboxPrefix } = roles.login(role);
  const folder = join(env["XDG_CONFIG_HOME"] ?? "", "nats/context");
  mkdirSync(folder, { recursive: true });
  const context = { url: servers, nkey, ca: caFile, inbox_prefix: inboxPrefix };
  writeFileSync(join(folder, `${role}.json`), JSON.stringify(context));
}
