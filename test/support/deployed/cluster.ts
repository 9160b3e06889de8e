import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { natsServerPath } from "@shoal/mesh/testing";
import { inRepository } from "../repository.ts";
import type { Roles } from "./roles.ts";

const READY_WITHIN_MS = 20_000;
const NAMES = ["nats-1", "nats-2", "nats-3"] as const;

/** Three servers as `deploy/nats` has them: each in a directory of its own as on a machine of its own. */
export interface DeployedCluster extends AsyncDisposable {
  /** All three. */
  readonly servers: string;
  /** The certificate that clients trust. */
  readonly caFile: string;
  /** SIGKILL; resolves when its process is gone. */
  kill(index: number): Promise<void>;
  /** Starts one again that was killed; resolves when it is well, with its streams. */
  restart(index: number): Promise<void>;
}

/** Has `deploy/certs.sh` make certificates, starts the servers, and waits until they are well. */
export async function startCluster(roles: Roles): Promise<DeployedCluster> {
  const certs = join(roles.directory, "certs");
  execFileSync("sh", [inRepository("deploy/certs.sh"), certs, ...NAMES], { stdio: ["ignore", "ignore", 2] });
  const ports = await freePorts(NAMES.length * 3);
  const routes = JSON.stringify(NAMES.map((_, index) => `tls://127.0.0.1:${ports[index * 3 + 1]}`));
  const machines = NAMES.map((name, index) => {
    const directory = join(roles.directory, "machines", name);
    mkdirSync(directory, { recursive: true });
    for (const file of ["nats.conf", "accounts.conf", "permissions.conf", "keys.conf"])
      cpSync(join(roles.directory, file), join(directory, file));
    cpSync(join(certs, name), join(directory, "tls"), { recursive: true });
    const [client = 0, route = 0, monitor = 0] = ports.slice(index * 3, index * 3 + 3);
    return new Machine({ name, directory, client, route, monitor, routes });
  });
  await Promise.all(machines.map((machine) => machine.start()));
  return {
    servers: machines.map(({ url }) => url).join(","),
    caFile: join(certs, "ca.crt"),
    kill: (index) => at(machines, index).kill(),
    restart: (index) => at(machines, index).start(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(machines.map((machine) => machine.kill()));
      rmSync(join(roles.directory, "machines"), { recursive: true, force: true });
    },
  };
}

interface MachineParts {
  readonly name: string;
  readonly directory: string;
  readonly client: number;
  readonly route: number;
  readonly monitor: number;
  readonly routes: string;
}

class Machine {
  readonly url: string;
  private readonly parts: MachineParts;
  private child: ChildProcess | undefined;
  private log = "";

  constructor(parts: MachineParts) {
    this.parts = parts;
    this.url = `tls://127.0.0.1:${parts.client}`;
  }

  async start(): Promise<void> {
    const { name, directory, client, route, monitor, routes } = this.parts;
    // All that differs from a machine of its own: the addresses, so that three fit on one.
    const addresses = `-a 127.0.0.1 -p ${client} -m ${monitor} --cluster_listen nats://127.0.0.1:${route}`;
    this.child = spawn(natsServerPath(), ["-c", "nats.conf", "-sd", "store", ...addresses.split(" ")], {
      cwd: directory,
      env: { ...process.env, NATS_NAME: name, NATS_ROUTES: routes },
      stdio: ["ignore", "ignore", "pipe"],
    });
    children.add(this.child);
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.log += text));
    const giveUpAt = performance.now() + READY_WITHIN_MS;
    while (!(await this.isWell())) {
      if (this.child.exitCode !== null || performance.now() > giveUpAt)
        throw new Error(`${name} did not get well:\n${this.log}`);
      await sleep(50);
    }
  }

  async kill(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    children.delete(child);
  }

  /** As a health check asks: it has joined the others, and its streams are as far as theirs. */
  private async isWell(): Promise<boolean> {
    const asked = fetch(`http://127.0.0.1:${this.parts.monitor}/healthz`);
    return asked.then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

function at(machines: readonly Machine[], index: number): Machine {
  const machine = machines[index];
  if (!machine) throw new Error(`there are ${machines.length} servers, and no number ${index}`);
  return machine;
}
