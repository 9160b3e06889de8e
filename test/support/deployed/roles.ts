import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { natsCliPath } from "../nats-cli.ts";
import { inRepository } from "../repository.ts";

/** A user of `deploy/nats/accounts.conf`. */
export type Role =
  "sys" | "node" | "metrics" | "client" | "cli" | "operator" | "staging-node" | "staging-client";

/** Keys for all users, and the configuration that knows them. */
export interface Roles extends Disposable {
  /** Has nats.conf, accounts.conf, permissions.conf and keys.conf, and each role's `<role>.nk`. */
  readonly directory: string;
  /** For `startNatsServer`: the accounts alone, without TLS and cluster. Needs JetStream. */
  readonly config: string;
  /** For `connect`. */
  login(role: Role): { nkey: string; inboxPrefix: string };
}

/** Copies `deploy/nats`, and has `deploy/keys.sh` make the keys. */
export function makeRoles(): Roles {
  const directory = mkdtempSync(join(tmpdir(), "shoal-roles-"));
  cpSync(inRepository("deploy/nats"), directory, { recursive: true });
  execFileSync("sh", [inRepository("deploy/keys.sh"), directory], {
    env: { ...process.env, SHOAL_NATS_CLI: natsCliPath() },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return {
    directory,
    // What is included is looked for beside the file that includes it, which is in another folder of the same one.
    config: `include "../${basename(directory)}/accounts.conf"`,
    login: (role) => ({ nkey: join(directory, `${role}.nk`), inboxPrefix: inboxOf(role) }),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A person at the `nats` command has the usual inbox. */
function inboxOf(role: Role): string {
  return role === "cli" || role === "sys" ? "_INBOX" : `_INBOX_${role.replace("staging-", "")}`;
}
