import { MeshError } from "@shoal/mesh";
import { type FailureKind, failure } from "./failures.ts";
import type { Loaded } from "./model/language-model.ts";

/** What an error of the AI SDK has, whatever version of it has made it. */
interface ApiFacts {
  readonly statusCode?: number;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
}

const MOST_CHARACTERS = 500;
/** Asked for when a provider that refuses says nothing of when. */
const RETRY_AFTER_S = 1;
const MOST_RETRY_AFTER_S = 600;

const OVERFLOW =
  /context[ _](length|window|size)|maximum context|too many tokens|prompt is too long|token limit|exceeds? .{0,40}tokens/i;
const QUOTA = /insufficient_quota|exceeded your current quota|billing|credit balance/i;
const REFUSED = /content[_ ](filter|policy|management)|safety|moderation/i;
const UNREACHABLE =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|ECONNRESET|UND_ERR_CONNECT|fetch failed|Cannot connect/i;

/** What a provider, or the way to it, has thrown, as one of the failures that there are. Tells no secrets. */
export function failureOf(thrown: unknown, { name, secrets }: Pick<Loaded, "name" | "secrets">): MeshError {
  if (thrown instanceof MeshError) return thrown;
  const { statusCode, responseHeaders = {}, responseBody = "" } = factsOf(thrown);
  const said = redacted(textOf(thrown), secrets);
  const kind = kindBy(statusCode, `${said} ${responseBody}`);
  const retryAfterS =
    kind === "rate_limited" || kind === "provider_overloaded" ? retryAfterIn(responseHeaders) : undefined;
  return failure(kind, `${name}: ${SENTENCES[kind] ?? "it failed"}: ${said}`, {
    model: name,
    status: statusCode,
    retryAfterS,
  });
}

const SENTENCES: Partial<Record<FailureKind, string>> = {
  rate_limited: "its provider asks us to slow down",
  provider_overloaded: "its provider has too much to do",
  quota_exhausted: "the account has nothing left",
  unauthorized: "its provider does not accept the key",
  no_such_model: "its provider does not have it",
  invalid_request: "its provider does not understand the request",
  context_overflow: "the conversation is too long for it",
  refused: "its provider refuses to answer",
  unreachable: "it cannot be reached",
  provider_error: "its provider has failed",
  broken_stream: "its answer broke off",
};

function kindBy(status: number | undefined, text: string): FailureKind {
  if (status === 429) return QUOTA.test(text) ? "quota_exhausted" : "rate_limited";
  if (status === 402) return "quota_exhausted";
  if (status === 401 || status === 403) return REFUSED.test(text) ? "refused" : "unauthorized";
  if (status === 404) return "no_such_model";
  if (status === 413 || (status !== undefined && status < 500 && OVERFLOW.test(text)))
    return "context_overflow";
  if (status === 529 || status === 503) return "provider_overloaded";
  if (status !== undefined && status >= 500) return "provider_error";
  if (status !== undefined && status >= 400) return REFUSED.test(text) ? "refused" : "invalid_request";
  if (UNREACHABLE.test(text)) return "unreachable";
  if (OVERFLOW.test(text)) return "context_overflow";
  return "broken_stream";
}

/** Seconds, or a date, as HTTP has it; or milliseconds, as some providers have it. */
function retryAfterIn(headers: Readonly<Record<string, string>>): number {
  const ms = Number(headers["retry-after-ms"]);
  const said = headers["retry-after"];
  const seconds = ms > 0 ? ms / 1_000 : Number(said);
  if (seconds > 0) return Math.min(seconds, MOST_RETRY_AFTER_S);
  const dueIn = said === undefined ? NaN : (Date.parse(said) - Date.now()) / 1_000;
  return dueIn > 0 ? Math.min(dueIn, MOST_RETRY_AFTER_S) : RETRY_AFTER_S;
}

function factsOf(thrown: unknown): ApiFacts {
  if (typeof thrown !== "object" || thrown === null) return {};
  if ("statusCode" in thrown) return thrown as ApiFacts;
  // Behind the sum of several tries.
  return "lastError" in thrown ? factsOf(thrown.lastError) : {};
}

function textOf(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  const message = "message" in thrown ? String(thrown.message) : JSON.stringify(thrown);
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? ` (${thrown.cause.message})` : "";
  return `${message}${cause}`;
}

/** Keys are known, or look like some. */
function redacted(text: string, secrets: readonly string[]): string {
  const plain = secrets.reduce((told, secret) => told.replaceAll(secret, "…"), text);
  return plain.replaceAll(/\b(?:(?:sk|gsk|xai|key|pk)[-_]|AIza)[\w*-]{12,}/g, "…").slice(0, MOST_CHARACTERS);
}
