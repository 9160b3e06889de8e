import { inspect } from "node:util";
import { type ErrorCode, MeshError } from "@shoal/mesh";

type MeshFacts = NonNullable<ConstructorParameters<typeof MeshError>[2]>;

/** Whatever was thrown, as it crosses to another thread: structured clone would forget what kind of error it is. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** As Node's own errors have it, such as `ENOENT`. */
  readonly code: string | undefined;
  readonly mesh: ({ readonly code: ErrorCode } & MeshFacts) | undefined;
  readonly cause: Thrown | undefined;
}

/** Causes may refer to each other. */
const MOST_CAUSES = 8;

export function thrownOf(thrown: unknown, causes: number = MOST_CAUSES): Thrown {
  if (!(thrown instanceof Error)) {
    const message =
      typeof thrown === "string" ? thrown : `a thrown ${thrown === null ? "null" : typeof thrown}`;
    return { name: "Error", message, stack: undefined, code: undefined, mesh: undefined, cause: undefined };
  }
  const { name, message, stack, cause } = thrown;
  return {
    name,
    message,
    stack,
    code: "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined,
    mesh: thrown instanceof MeshError ? factsOf(thrown) : undefined,
    cause: cause === undefined || causes === 0 ? undefined : thrownOf(cause, causes - 1),
  };
}

export function errorFrom({ name, message, stack, code, mesh, cause }: Thrown): Error {
  const options = cause ? { cause: errorFrom(cause) } : undefined;
  const error = mesh
    ? new MeshError(mesh.code, message, { ...mesh, ...options })
    : Object.assign(
        new Error(message, options),
        name === "Error" ? {} : { name },
        code === undefined ? {} : { code },
      );
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** @param what whose value it is: `agent.method` */
export function uncloneable(what: string, error: unknown): MeshError {
  const reason = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
  return new MeshError(
    "internal",
    `a value of ${what} cannot cross to another thread: ${reason}. ` +
      "What a worker takes and gives must be cloneable: data, without functions or promises.",
    { cause: error },
  );
}

function factsOf(error: MeshError): Thrown["mesh"] {
  const { code, retryable, retryAfterS, agent, method, attempt, replica, details } = error;
  return { code, retryable, retryAfterS, agent, method, attempt, replica, details: copyOf(details) };
}

/** An error is not lost for its details. */
function copyOf(details: unknown): unknown {
  try {
    return structuredClone(details);
  } catch {
    return inspect(details);
  }
}
