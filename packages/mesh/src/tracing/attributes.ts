/**
 * Names of spans' attributes. Where the semantic conventions of OpenTelemetry 1.45 have one, it is theirs (remote procedure
 * calls, errors); what no system but this has begins with `shoal.`.
 */
export const Attribute = {
  /** `shoal` */
  system: "rpc.system.name",
  /** `agent.method` */
  method: "rpc.method",
  /** A code of the error taxonomy. */
  errorType: "error.type",
  agent: "shoal.agent",
  replica: "shoal.replica",
  /** Id of the request, as it is in logs: 32 hexadecimal digits. */
  request: "shoal.request.id",
  /** 1 for the first: more when the work was lost, or was not begun. */
  attempt: "shoal.attempt",
  /** 1 for the first of the attempts that a policy makes. */
  trial: "shoal.trial",
  /** How often it has been moved from one replica to another. */
  moves: "shoal.moves",
  /** Milliseconds that it waited for a slot, in all the places where it waited. */
  waitedMs: "shoal.waited_ms",
  /** The replica that has taken it over. */
  movedTo: "shoal.moved_to",
  stage: "shoal.stage",
  task: "shoal.task.id",
} as const;

export const SYSTEM = "shoal";
