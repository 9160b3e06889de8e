/** Headers by which a plain caller sets what a frame carries; all optional. */
export const Header = {
  /** How long the caller waits: `"10s"`, `"250ms"`. Default 30 s. */
  timeout: "Shoal-Timeout",
  idempotencyKey: "Shoal-Idempotency-Key",
  /** `true`: reply in chunks, then a message of zero bytes. */
  stream: "Shoal-Stream",
  /** Agents that wait for this request, outermost first, joined by ",". */
  chain: "Shoal-Chain",
  /** A number: further attempts that whoever serves the request may make. */
  retries: "Shoal-Retries",
  /** `high`, `normal` or `low`: what goes first where requests wait. */
  priority: "Shoal-Priority",
  /** On a request, `never`: an answer that is not the real one is of no use. On a reply: why it is not. */
  degraded: "Shoal-Degraded",
  /** On a reply: the agent, and its replica, that did the work in place of the one that was asked first. */
  servedBy: "Shoal-Served-By",
  /** On a reply of a method that keeps its answers: `hit`, `stale`, `joined` or `miss`, and how old it is. */
  cache: "Shoal-Cache",
  /** The session that a request belongs to, of an agent that does not name it itself. */
  session: "Shoal-Session",
  /** A number: tokens of language models that the request may use, with all that it leads to. */
  tokens: "Shoal-Tokens",
  /** W3C Trace Context. */
  traceparent: "traceparent",
  tracestate: "tracestate",
  /** On a request, `true`: its way is written down in any case (`shoal trace`), and the reply names it. */
  trace: "Shoal-Trace",
  /** On a reply that is an error, or that was asked for it: the request's id. */
  request: "Shoal-Request",
  /** Of a task: its id, where somebody has chosen one. */
  task: "Shoal-Task",
  /** Of a task: how long it waits before it is begun. */
  delay: "Shoal-Delay",
  /** Of a task: when it is not begun by then, it is not any more. */
  ttl: "Shoal-Ttl",
  /** Of a task: words to find it by, joined by ",". */
  tags: "Shoal-Tags",
  /** On error replies, as NATS micro services have them. */
  error: "Nats-Service-Error",
  errorCode: "Nats-Service-Error-Code",
} as const;

/** Those that a request may carry. */
export const REQUEST_HEADERS: readonly string[] = [
  Header.timeout,
  Header.idempotencyKey,
  Header.stream,
  Header.chain,
  Header.retries,
  Header.degraded,
  Header.priority,
  Header.session,
  Header.tokens,
  Header.traceparent,
  Header.tracestate,
  Header.trace,
];
