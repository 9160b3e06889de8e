/** Names of what the replicas of a mesh keep together. */

/** The bucket of a mesh: letters, digits, "_" and "-". No two roots have the same. */
export function answersBucket(root: string): string {
  return `${root.replaceAll("_", "__").replaceAll(".", "_-")}_answers`;
}

/** Where answers are kept: `agent.method.version.key`. Each version has its own. */
export function placeOf(agent: string, method: string, version: string, key: string): string {
  return `${agent}.${method}.${tokenOf(version)}.${key}`;
}

/** Matches an agent's answers in all versions. @param method undefined for all @param key undefined for all */
export function placesOf(agent: string, method: string | undefined, key: string | undefined): string {
  return `${agent}.${method ?? "*"}.*.${key ?? "*"}`;
}

/** What is not an answer. */
export function clockPlace(replica: string): string {
  return `_.clock.${replica}`;
}

/** A semantic version as one token: `1_0_0-rc_1=build`. */
function tokenOf(version: string): string {
  return version.replaceAll(".", "_").replaceAll("+", "=");
}
