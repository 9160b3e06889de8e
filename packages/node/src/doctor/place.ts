import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { resolve } from "node:path";
import { loadConfig } from "../config/load.ts";
import { serverNameAt } from "../process/nats-greeting.ts";
import { isAlive } from "../process/other-process.ts";
import { STATE_DIRECTORY, readState } from "../process/state-file.ts";
import { wordsOf } from "../process/words.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

const USUAL_PORT = 4222;
const LEAST_FREE_BYTES = 1_073_741_824;

/** What is in this directory, and on this machine. @param address of the NATS that is meant; undefined when none answers */
export async function placeFindings(address: string | undefined): Promise<Finding[]> {
  return [await configFinding(), ...(await portFindings(address)), ...(await diskFindings())];
}

async function configFinding(): Promise<Finding> {
  try {
    const { file, hosted } = await loadConfig();
    if (file === undefined)
      return ok("configuration", "none here: `shoal up` serves the agents that come with Shoal");
    return ok("configuration", `${file}: ${hosted.length} agents`);
  } catch (error) {
    return problem(
      "configuration",
      wordsOf(error).split("\n")[0] ?? "",
      "`shoal check` shows all that is wrong",
    );
  }
}

/** Commands without an address talk to the usual port. */
async function portFindings(address: string | undefined): Promise<Finding[]> {
  if (address !== undefined && address.endsWith(`:${USUAL_PORT}`)) return [];
  const other = await serverNameAt(USUAL_PORT);
  if (other === undefined) return [];
  return [
    warning(
      "ports",
      `another NATS server, ${other}, is on port ${USUAL_PORT} here`,
      "apps and commands that are told no address talk to that one: set NATS_URL, or give --nats",
    ),
  ];
}

/** Where the NATS of a `shoal up` here keeps its streams. */
async function diskFindings(): Promise<Finding[]> {
  const directory = resolve(STATE_DIRECTORY);
  if (!existsSync(directory)) return [];
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const state = readState(directory);
  const whose =
    state && isAlive(state.owner) ? "the NATS of a `shoal up` that runs here" : "a `shoal up` here";
  const text = `${(free / LEAST_FREE_BYTES).toFixed(1)} GiB are free where ${whose} keeps its data`;
  if (free >= LEAST_FREE_BYTES) return [ok("disk", text)];
  return [warning("disk", text, `JetStream stops keeping when it is full: make room below ${directory}`)];
}
