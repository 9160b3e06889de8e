import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open as openFile, stat } from "node:fs/promises";
import { DEFAULT_LIMITS, pieces } from "./download.mjs";
import { RouteFailed } from "./errors.mjs";
import { open } from "./http.mjs";

const WHOLE = 200;
const PART = 206;
const NOTHING_LEFT = 416;

/**
 * Downloads to a file, going on behind what is there already, and returns the SHA-256 of the whole, in hex. What has come
 * stays when it breaks off.
 *
 * @param {string} url
 * @param {string} file
 * @param {import("./index.d.mts").ResumeOptions} options
 * @throws {RouteFailed}
 */
export async function resumeDownload(url, file, { env = process.env, limits = {}, onFraction }) {
  const { headersMs, stallMs } = { ...DEFAULT_LIMITS, ...limits };
  const present = (await stat(file).catch(() => undefined))?.size ?? 0;
  const asked = present === 0 ? {} : { range: `bytes=${present}-` };
  const statuses = present === 0 ? [WHOLE] : [WHOLE, PART, NOTHING_LEFT];
  const response = await open(url, { env, headersMs, statuses, ...asked });
  if (response.statusCode === NOTHING_LEFT) {
    response.destroy();
    return (await hashOf(file)).digest("hex");
  }
  // A server that knows no ranges, or whose file has changed, sends the whole.
  const from = response.statusCode === PART ? present : 0;
  const hash = from === 0 ? createHash("sha256") : await hashOf(file);
  const total = from + Number(response.headers["content-length"] ?? 0);
  let received = from;
  const output = await openFile(file, from === 0 ? "w" : "a");
  try {
    for await (const piece of pieces(response, stallMs, () => {})) {
      await output.writeFile(piece);
      hash.update(piece);
      received += piece.length;
      if (total > from) onFraction?.(received / total);
    }
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new RouteFailed(`the download broke off after ${received} bytes (${message})`, { cause: error });
  } finally {
    await output.close();
  }
  return hash.digest("hex");
}

/** @param {string} file */
async function hashOf(file) {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece);
  return hash;
}
