import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type NodeMessage, forkNode, startEmbeddedNats } from "@shoal/node";

const CONFIG = fileURLToPath(new URL("../shoal.yaml", import.meta.url));

interface Node {
  name: string;
  pid: number;
  /** Kills it at once, as a crash or the kernel would, and resolves with the signal that it died of. */
  kill(): Promise<NodeJS.Signals | null>;
}

/** A NATS server and node processes, all on this machine. */
export interface Cluster extends AsyncDisposable {
  url: string;
  nats: string;
  nodes: Node[];
}

/** @throws Error when the server or a node does not start */
export async function startCluster(processes: number, onStep: (text: string) => void): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), "shoal-digest-"));
  const nats = await startEmbeddedNats({
    directory,
    onStep,
    onCrash: (how) => onStep(`nats-server died: ${how}`),
  });
  const children: ChildProcess[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(children.map((child) => end(child, "SIGTERM")));
    await nats.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const starting = Array.from({ length: processes }, () => {
      const child = forkNode([CONFIG], { ...process.env, NATS_URL: nats.url });
      children.push(child);
      return ready(child);
    });
    return {
      url: nats.url,
      nats: nats.version,
      nodes: await Promise.all(starting),
      [Symbol.asyncDispose]: stopAll,
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

async function ready(child: ChildProcess): Promise<Node> {
  const [message] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => [{ type: "failed", message: `exit code ${code}` }]),
  ])) as [NodeMessage];
  if (message.type !== "ready")
    throw new Error(
      `a node did not start: ${"message" in message ? message.message : "it was told to leave"}`,
    );
  return { name: message.node, pid: child.pid ?? 0, kill: () => end(child, "SIGKILL") };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<NodeJS.Signals | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.signalCode;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
  return child.signalCode;
}
