import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { natsServerPath } from "@shoal/mesh/testing";
import { type Project, workspaceProject } from "../docs/project.ts";
import { inRepository } from "../repository.ts";

const NAMES = ["nats-1", "nats-2", "nats-3"] as const;

/** A clone, and three machines that it reaches by `ssh` and `scp`: directories, each with an address of its own. */
export interface ThreeMachines extends Project {
  /** A text of the page as it is here, where the machines' names are those addresses. */
  readonly local: (text: string) => string;
}

export function threeMachines(): ThreeMachines {
  const project = workspaceProject();
  const { directory, env } = project;
  // All of 127.0.0.0/8 is this machine: the usual ports can be used on addresses that nobody else has.
  const network = `127.${byte()}.${byte()}`;
  const local = (text: string): string =>
    text
      .replaceAll(/tls:\/\/nats-(\d)/g, `tls://${network}.1$1`)
      .replaceAll(/10\.0\.0\.(\d)\b/g, `${network}.1$1`);
  cpSync(inRepository("deploy"), join(directory, "deploy"), { recursive: true });
  for (const file of globSync(join(directory, "deploy/*.yaml")))
    writeFileSync(file, local(readFileSync(file, "utf8")));
  const machines = join(directory, "..", "machines");
  for (const name of NAMES)
    for (const folder of ["etc/systemd/system", "opt", "var/lib/nats"])
      mkdirSync(join(machines, name, folder), { recursive: true });
  const bin = join(machines, "bin");
  mkdirSync(bin);
  for (const [name, lines] of programs(machines, network, directory)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${lines}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  env["PATH"] = `${bin}:${env["PATH"]}`;
  env["NATS_SERVER"] = natsServerPath();
  return {
    ...project,
    local,
    [Symbol.dispose]() {
      for (const file of globSync(join(machines, "*/run/*.pid"))) end(Number(readFileSync(file, "utf8")));
      project[Symbol.dispose]();
    },
  };
}

/** What stands for programs that act on a machine. What they are told of its directories is meant below its own. */
function programs(machines: string, network: string, directory: string): Iterable<[string, string]> {
  const monitor = 18_220 + 10 * Number(network.split(".")[1]);
  const ssh = `
    name=\${1#root@}; number=\${name#nats-}; shift
    export MACHINE_ROOT=${machines}/$name MACHINE_ADDRESS=${network}.1$number MACHINE_MONITOR=$((${monitor} + number))
    if [ "$*" = sh ]; then cat; else echo "$*"; fi |
      sed -E "s#(^|[ '])/(etc|opt|usr|var)/#\\1$MACHINE_ROOT/\\2/#g; s#127.0.0.1:8222#127.0.0.1:$MACHINE_MONITOR#g; s#127.0.0.1:946#$MACHINE_ADDRESS:946#g" |
      sh -e`;
  const scp = `
    for to; do :; done
    name=\${to%%:*}
    while [ $# -gt 1 ]; do
      case $1 in -*) ;; *) cp -r "$1" "${machines}/\${name#root@}\${to#*:}" ;; esac
      shift
    done`;
  const systemctl = inRepository("test/support/deployed/systemctl.ts");
  return Object.entries({
    ssh,
    scp,
    systemctl: `[ "$1" = daemon-reload ] || exec node ${systemctl} "$@"`,
    "systemd-sysusers": 'test -s "$1"',
    chown: "",
    npm: `ln -s ${directory}/node_modules node_modules`,
  });
}

function end(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

function byte(): number {
  return 1 + Math.floor(Math.random() * 254);
}
