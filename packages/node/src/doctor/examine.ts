import { type ConnectOptions, type Mesh, MeshError, connect } from "@shoal/mesh";
import { quietLogger } from "../quiet-logger.ts";
import { wordsOf } from "../process/words.ts";
import { type Finding, problem, warning } from "./finding.ts";
import { jetStreamFindings } from "./jetstream.ts";
import { type SeenNode, nodeFindings } from "./nodes.ts";
import { permissionFindings } from "./permissions.ts";
import { placeFindings } from "./place.ts";
import { serverFindings } from "./server.ts";

export interface Examined {
  readonly options: ConnectOptions;
  /** What only a node needs is looked at too. */
  readonly asNode: boolean;
  /** Of Shoal, as this command has it. */
  readonly version: string;
}

/** Looks at everything that a mesh needs. Never rejects for what is wrong: that is a finding. */
export async function examine({ options, asNode, version }: Examined): Promise<Finding[]> {
  let mesh: Mesh;
  try {
    mesh = await connect({ ...options, logger: quietLogger });
  } catch (error) {
    return [unreachable(error), ...(await placeFindings(undefined))];
  }
  try {
    const rttMs = await roundTripMs(mesh);
    const { server } = mesh;
    return [
      ...(server ? serverFindings(server, rttMs) : []),
      ...(await settled("permissions", permissionFindings(mesh, asNode))),
      ...(await settled("JetStream", jetStreamFindings(mesh, server?.cluster !== undefined))),
      ...(await settled(
        "nodes",
        seenNodes(mesh).then((nodes) => nodeFindings(nodes, version)),
      )),
      ...(await placeFindings(server?.address)),
    ];
  } finally {
    await mesh.close();
  }
}

function unreachable(error: unknown): Finding {
  const advice =
    error instanceof MeshError && error.code === "unauthorized"
      ? "check the user, the credentials file or the context that is used"
      : "start one with `shoal up`, or say where it is: --nats, --context or NATS_URL";
  return problem("NATS", wordsOf(error), advice);
}

/** What fails while it is looked at is told, and keeps nothing else from being. */
async function settled(topic: string, findings: Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await findings;
  } catch (error) {
    return [warning(topic, `it cannot be looked at: ${wordsOf(error)}`, "try again")];
  }
}

/** The first one pays for what is new. */
async function roundTripMs({ port }: Mesh): Promise<number> {
  await port.flush();
  const from = performance.now();
  await port.flush();
  return performance.now() - from;
}

async function seenNodes({ nodes }: Mesh): Promise<SeenNode[]> {
  const names = await nodes.names();
  const seen = await Promise.all(
    names.map(async (name): Promise<SeenNode[]> => {
      const from = Date.now();
      const answer = await nodes.ask(name, { op: "inspect", limit: 0 }).catch(() => undefined);
      if (!answer) return [];
      const { version, runtime, now } = answer;
      return [
        {
          node: name,
          version: typeof version === "string" ? version : undefined,
          runtime: typeof runtime === "string" ? runtime : "",
          // Its answer was half way in between.
          aheadMs: Date.parse(String(now)) - (from + Date.now()) / 2,
        },
      ];
    }),
  );
  return seen.flat();
}
