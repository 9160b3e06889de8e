/**
 * One taxonomy for every way a request can end badly. A code decides three things, and nothing else does:
 * its HTTP-like number, whether trying again can help, and whether the work may already have run.
 */

interface CodeFacts {
  readonly status: number;
  /** Trying again, perhaps elsewhere or later, can succeed. */
  readonly retryable: boolean;
  /** The handler may have started: repeating a request that is not idempotent may do its work twice. */
  readonly mayHaveRun: boolean;
}

export type ErrorCode =
  | "bad_request"
  | "unauthorized"
  | "budget_exhausted"
  | "forbidden"
  | "not_found"
  | "timeout"
  | "conflict"
  | "too_large"
  | "overloaded"
  | "cancelled"
  | "internal"
  | "unavailable"
  | "replica_lost"
  | "deadline_exceeded";

export const ERROR_CODES: Readonly<Record<ErrorCode, CodeFacts>> = {
  bad_request: { status: 400, retryable: false, mayHaveRun: false },
  unauthorized: { status: 401, retryable: false, mayHaveRun: false },
  budget_exhausted: { status: 402, retryable: false, mayHaveRun: true },
  forbidden: { status: 403, retryable: false, mayHaveRun: false },
  not_found: { status: 404, retryable: false, mayHaveRun: false },
  timeout: { status: 408, retryable: true, mayHaveRun: true },
  conflict: { status: 409, retryable: false, mayHaveRun: false },
  too_large: { status: 413, retryable: false, mayHaveRun: true },
  overloaded: { status: 429, retryable: true, mayHaveRun: false },
  cancelled: { status: 499, retryable: false, mayHaveRun: true },
  internal: { status: 500, retryable: false, mayHaveRun: true },
  unavailable: { status: 503, retryable: true, mayHaveRun: false },
  replica_lost: { status: 503, retryable: true, mayHaveRun: true },
  deadline_exceeded: { status: 504, retryable: false, mayHaveRun: true },
};

export interface MeshErrorOptions {
  /** Overrides the code's own answer to "can trying again help?". */
  retryable?: boolean | undefined;
  /** Seconds to wait before trying again. */
  retryAfterS?: number | undefined;
  agent?: string | undefined;
  method?: string | undefined;
  /** 1 for the first attempt. */
  attempt?: number | undefined;
  /** The replica that answered, or that was last known to hold the request. */
  replica?: string | undefined;
  /** Id of the request: 32 hexadecimal digits. */
  request?: string | undefined;
  /** Whether the work was begun, by whoever had the request. Undefined when they have not said. */
  hasBegun?: boolean | undefined;
  /** Structured facts, such as validation issues. */
  details?: unknown;
  cause?: unknown;
}

/** Every failure that Shoal reports. Branch on `code`; the message is a sentence for people. */
export class MeshError extends Error {
  override readonly name = "MeshError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterS: number | undefined;
  readonly agent: string | undefined;
  readonly method: string | undefined;
  readonly attempt: number | undefined;
  readonly replica: string | undefined;
  /** Id of the request, as it is in logs, and for `shoal trace`: 32 hexadecimal digits. */
  readonly request: string | undefined;
  readonly hasBegun: boolean | undefined;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, options: MeshErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.retryAfterS = options.retryAfterS;
    this.agent = options.agent;
    this.method = options.method;
    this.attempt = options.attempt;
    this.replica = options.replica;
    this.request = options.request;
    this.hasBegun = options.hasBegun;
    this.details = options.details;
  }

  /** The HTTP-like number of the code. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  /** The work may have been done, in part at least: repeating it may do that twice. */
  get mayHaveRun(): boolean {
    return this.hasBegun ?? ERROR_CODES[this.code].mayHaveRun;
  }

  toJSON(): Record<string, unknown> {
    const { code, message, retryable, retryAfterS, agent, method, attempt, replica, request, details } = this;
    return { code, message, retryable, retryAfterS, agent, method, attempt, replica, request, details };
  }
}

/** The same error, saying where it happened, unless it says so already. */
export function located(error: MeshError, where: MeshErrorOptions): MeshError {
  if (error.agent !== undefined) return error;
  const { code, message, retryable, retryAfterS, hasBegun, details, cause } = error;
  return new MeshError(code, message, { retryable, retryAfterS, hasBegun, details, cause, ...where });
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CODES, value);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return typeof thrown === "string" ? thrown : `a thrown ${thrown === null ? "null" : typeof thrown}`;
}
