import { Agent as PlainAgent, get as getPlain } from "node:http";
import { Agent as SecureAgent, get as getSecure } from "node:https";
import { RouteFailed } from "./errors.mjs";

const MAX_REDIRECTS = 5;

/**
 * Opens a URL, following redirects (never from https to http). Proxy variables hold where this Node can use them
 * (22.21, 24.5 and later).
 *
 * @param {string} url
 * @param {{ env: NodeJS.ProcessEnv, headersMs: number, range?: string, statuses?: number[] }} options  `headersMs` bounds
 *   the wait for each answer's head; `range` asks for a part, as HTTP has it; `statuses` are those to return (default: 200)
 * @returns {Promise<import("node:http").IncomingMessage>} with one of these statuses, its body not yet read
 * @throws {RouteFailed} with the reason: not reachable, too slow, or the status
 */
export async function open(url, { env, headersMs, range, statuses = [200] }) {
  let address = new URL(url);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const response = await head(address, env, headersMs, range);
    const status = response.statusCode ?? 0;
    if (statuses.includes(status)) return response;
    response.destroy();
    const location = response.headers.location;
    if (status < 300 || status > 399 || location === undefined) {
      throw new RouteFailed(`${shown(address)} answered ${status}`);
    }
    const next = new URL(location, address);
    if (address.protocol === "https:" && next.protocol !== "https:") {
      throw new RouteFailed(`${shown(address)} redirects to ${next.protocol}//, which is not secure`);
    }
    address = next;
  }
  throw new RouteFailed(`${shown(address)} redirects more than ${MAX_REDIRECTS} times`);
}

/**
 * Whether anything answers there in time, whatever the answer.
 *
 * @param {string} url
 * @param {{ env: NodeJS.ProcessEnv, headersMs: number }} options
 */
export async function answers(url, { env, headersMs }) {
  try {
    (await head(new URL(url), env, headersMs)).destroy();
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {URL} address
 * @param {NodeJS.ProcessEnv} env
 * @param {number} headersMs
 * @param {string} [range]
 * @returns {Promise<import("node:http").IncomingMessage>}
 */
function head(address, env, headersMs, range) {
  const secure = address.protocol === "https:";
  // An option that an older Node does not know is ignored.
  const agent = new (secure ? SecureAgent : PlainAgent)({ proxyEnv: env });
  return new Promise((resolve, reject) => {
    const headers = { "user-agent": "shoal", ...(range === undefined ? {} : { range }) };
    const request = (secure ? getSecure : getPlain)(address, { agent, headers }, (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${headersMs} ms`)), headersMs);
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(new RouteFailed(`${address.host} is not reachable (${reason(error)})`, { cause: error }));
    });
  });
}

// A refused connection to a name with several addresses is an AggregateError with an empty message.
/** @param {NodeJS.ErrnoException} error */
function reason(error) {
  return error.message || error.code || error.name;
}

// Without a password or a token that may be in it.
/** @param {URL} address */
function shown(address) {
  return `${address.origin}${address.pathname}`;
}
