import { type Figures, figuresIn } from "./supervision.ts";
import { timeText } from "./time-text.ts";

/** A supervisor's policy in two lines: how targets are asked, and what bounds it. */
export function policyText(policy: Figures): string[] {
  return [
    [retries(policy), timeout(policy), hedge(policy)],
    [breaker(policy), bulkhead(policy), rateLimit(policy), degrade(policy)],
  ].map((phrases) => phrases.filter(Boolean).join("; "));
}

function retries(policy: Figures): string {
  const { attempts, backoffMs, maxBackoffMs, budget } = figuresIn(policy, "retry");
  if (!(Number(attempts) > 1)) return "1 attempt at each target";
  const apart = `${time(backoffMs)} to ${time(maxBackoffMs)} apart`;
  return `${shown(attempts)} attempts at each target, ${apart}, budget ${percent(budget)}`;
}

function timeout({ timeoutMs }: Figures): string {
  return timeoutMs === undefined ? "" : `${time(timeoutMs)} for each`;
}

function hedge(policy: Figures): string {
  if (policy["hedge"] === undefined) return "";
  const { afterMs, max } = figuresIn(policy, "hedge");
  return `hedge after ${afterMs === undefined ? "p95" : time(afterMs)}, at most ${shown(max)}`;
}

function breaker(policy: Figures): string {
  if (policy["breaker"] === undefined) return "no breaker";
  const { errorRate, minimum, windowMs, halfOpenAfterMs } = figuresIn(policy, "breaker");
  const opens = `${percent(errorRate)} of ${shown(minimum)} fail in ${time(windowMs)}`;
  return `breaker when ${opens}, half open after ${time(halfOpenAfterMs)}`;
}

function bulkhead(policy: Figures): string {
  const { running, queued } = figuresIn(policy, "bulkhead");
  return running === undefined ? "" : `${shown(running)} run, ${shown(queued)} wait`;
}

function rateLimit(policy: Figures): string {
  const { requests, perMs } = figuresIn(policy, "rateLimit");
  return requests === undefined ? "" : `${shown(requests)} requests per ${time(perMs)}`;
}

function degrade({ degrade: rungs }: Figures): string {
  return Array.isArray(rungs) && rungs.length > 0 ? `degrades to ${rungs.map(shown).join(", ")}` : "";
}

function time(ms: unknown): string {
  return timeText(Number(ms) || 0);
}

function percent(share: unknown): string {
  return `${Math.round((Number(share) || 0) * 1_000) / 10} %`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
