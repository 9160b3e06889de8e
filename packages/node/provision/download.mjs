import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { RouteFailed } from "./errors.mjs";
import { open } from "./http.mjs";

const MAX_TEXT_BYTES = 1024 * 1024;

/** @typedef {import("./routes/route.d.mts").Limits} Limits */

/** @type {Limits} */
export const DEFAULT_LIMITS = { headersMs: 3_000, stallMs: 20_000 };

/** @typedef {{ env: NodeJS.ProcessEnv, limits: Limits }} DownloadOptions */

/**
 * Downloads to a file and returns the SHA-256 of what was written, in hex.
 *
 * @param {string} url
 * @param {string} file
 * @param {DownloadOptions & { onFraction: (fraction: number) => void }} options
 * @throws {RouteFailed}
 */
export async function download(url, file, { env, limits, onFraction }) {
  const response = await open(url, { env, headersMs: limits.headersMs });
  const total = Number(response.headers["content-length"] ?? 0);
  const hash = createHash("sha256");
  let received = 0;
  const taken = pieces(response, limits.stallMs, (piece) => {
    hash.update(piece);
    received += piece.length;
    if (total > 0) onFraction(received / total);
  });
  try {
    await pipeline(taken, createWriteStream(file));
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new RouteFailed(`the download broke off after ${received} bytes (${message})`, { cause: error });
  }
  return hash.digest("hex");
}

/**
 * A small text, such as a list of checksums.
 *
 * @param {string} url
 * @param {DownloadOptions} options
 * @throws {RouteFailed}
 */
export async function downloadText(url, { env, limits }) {
  const response = await open(url, { env, headersMs: limits.headersMs });
  let text = "";
  try {
    for await (const piece of pieces(response, limits.stallMs, () => {})) {
      text += piece.toString("utf8");
      if (text.length > MAX_TEXT_BYTES) throw new Error("it is too long");
    }
  } catch (error) {
    throw new RouteFailed(`${url} could not be read (${/** @type {Error} */ (error).message})`, {
      cause: error,
    });
  }
  return text;
}

/**
 * A body piece by piece; a silence longer than `stallMs` ends it with an error.
 *
 * @param {import("node:http").IncomingMessage} response
 * @param {number} stallMs
 * @param {(piece: Buffer) => void} onPiece
 * @returns {AsyncGenerator<Buffer>}
 */
export async function* pieces(response, stallMs, onPiece) {
  const timer = setTimeout(() => response.destroy(new Error(`nothing came for ${stallMs} ms`)), stallMs);
  try {
    for await (const piece of response) {
      timer.refresh();
      onPiece(piece);
      yield piece;
    }
  } finally {
    clearTimeout(timer);
  }
}
