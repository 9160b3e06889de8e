import { MeshError } from "../errors.ts";

const AGENT = /^[a-z0-9][a-z0-9-]{0,62}$/;
const METHOD = /^[A-Za-z][A-Za-z0-9]{0,62}$/;
const ROOT = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/** Names that would collide with the mesh's own subjects. */
const RESERVED: ReadonlySet<string> = new Set(["task"]);

/** @throws MeshError `bad_request` naming the rule that was broken. */
export function checkAgentName(name: string): string {
  if (!AGENT.test(name)) {
    throw new MeshError(
      "bad_request",
      `agent name ${JSON.stringify(name)} is not valid: use 1 to 63 of a-z, 0-9 and "-", beginning with a letter or a digit.`,
    );
  }
  if (RESERVED.has(name))
    throw new MeshError("bad_request", `agent name "${name}" is reserved for the mesh.`);
  return name;
}

/** @throws MeshError `bad_request` naming the rule that was broken. */
export function checkMethodName(name: string): string {
  if (METHOD.test(name)) return name;
  throw new MeshError(
    "bad_request",
    `method name ${JSON.stringify(name)} is not valid: use 1 to 63 letters and digits, beginning with a letter.`,
  );
}

/** @throws MeshError `bad_request` naming the rule that was broken. */
export function checkRoot(root: string): string {
  if (ROOT.test(root) && !root.split(".").slice(1).includes("task")) return root;
  throw new MeshError(
    "bad_request",
    `subject root ${JSON.stringify(root)} is not valid: use tokens of letters, digits, "_" and "-", joined by "."; "task" is the mesh's own, but for the first.`,
  );
}

export interface Target {
  agent: string;
  /** Undefined for the agent's default method. */
  method: string | undefined;
}

/** Splits `"summarizer.summarize"` or `"summarizer"`. @throws MeshError `bad_request` */
export function parseTarget(target: string): Target {
  const dot = target.indexOf(".");
  if (dot < 0) return { agent: checkAgentName(target), method: undefined };
  return { agent: checkAgentName(target.slice(0, dot)), method: checkMethodName(target.slice(dot + 1)) };
}

/** A stream or bucket of a mesh. No two roots have the same: the names of these have no "." in them. */
export function storeName(root: string, kind: string): string {
  return `${root.replaceAll("_", "__").replaceAll(".", "_")}-${kind}`;
}
