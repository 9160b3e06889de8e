// Takes files out of a .tar.gz as it streams by, without holding it in memory. Reads what release archives and npm
// tarballs hold: ustar headers with prefix, pax records, GNU long names. Links, folders and devices are passed over,
// and the caller names every file that is written, so an archive cannot choose a path.

import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

const BLOCK = 512;

/** @typedef {{ name: string, size: number, type: string }} Header */

/**
 * @param {string} archive
 * @param {(name: string) => string | undefined} pick  where to write the file of that name; undefined passes it over
 * @returns {Promise<number>} how many files were written
 * @throws {Error} when the archive is cut short or is no .tar.gz
 */
export async function extractTarGz(archive, pick) {
  const source = createReadStream(archive);
  const gunzip = source.on("error", (error) => gunzip.destroy(error)).pipe(createGunzip());
  const reader = new ByteReader(gunzip);
  let written = 0;
  let longName;
  for (;;) {
    const header = parseHeader(await reader.exactly(BLOCK));
    if (header === undefined) return written;
    const padded = Math.ceil(header.size / BLOCK) * BLOCK;
    if (header.type === "x") longName = paxPath(await reader.text(padded, header.size)) ?? longName;
    else if (header.type === "L") longName = untilNul(await reader.text(padded, header.size));
    else {
      const target = header.type === "0" ? pick(longName ?? header.name) : undefined;
      if (target !== undefined) {
        await pipeline(reader.portions(header.size), createWriteStream(target));
        written += 1;
      } else await reader.skip(header.size);
      await reader.skip(padded - header.size);
      longName = undefined;
    }
  }
}

/**
 * @param {Buffer} block
 * @returns {Header | undefined} undefined for the zero block that ends an archive
 */
function parseHeader(block) {
  if (block.every((byte) => byte === 0)) return undefined;
  const field = (/** @type {number} */ from, /** @type {number} */ to) =>
    untilNul(block.toString("utf8", from, to));
  const size = Number.parseInt(field(124, 136).trim(), 8);
  if (!Number.isSafeInteger(size)) throw new Error("this is not a tar archive");
  const prefix = field(257, 262) === "ustar" ? field(345, 500) : "";
  return {
    name: prefix === "" ? field(0, 100) : `${prefix}/${field(0, 100)}`,
    size,
    type: field(156, 157) || "0",
  };
}

// A pax record is "<length> <key>=<value>\n".
/** @param {string} records */
function paxPath(records) {
  return /^\d+ path=(.*)$/m.exec(records)?.[1];
}

/** @param {string} text */
function untilNul(text) {
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}

/** Bytes of a stream in the portions that are asked for. */
class ByteReader {
  /** @type {AsyncIterator<Buffer>} */
  #pieces;
  /** @type {Buffer} */
  #rest = Buffer.alloc(0);

  /** @param {AsyncIterable<Buffer>} stream */
  constructor(stream) {
    this.#pieces = stream[Symbol.asyncIterator]();
  }

  /**
   * As much as is at hand, at most `count` bytes.
   *
   * @param {number} count
   */
  async upTo(count) {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#pieces.next();
      if (done) throw new Error("the archive is cut short");
      this.#rest = value;
    }
    const portion = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(portion.length);
    return portion;
  }

  /** @param {number} count @returns {AsyncGenerator<Buffer>} */
  async *portions(count) {
    for (let left = count; left > 0;) {
      const portion = await this.upTo(left);
      left -= portion.length;
      yield portion;
    }
  }

  /** @param {number} count */
  async exactly(count) {
    const portions = [];
    for await (const portion of this.portions(count)) portions.push(portion);
    return Buffer.concat(portions);
  }

  /** @param {number} padded @param {number} size */
  async text(padded, size) {
    return (await this.exactly(padded)).toString("utf8", 0, size);
  }

  /** @param {number} count */
  async skip(count) {
    for await (const _ of this.portions(count));
  }
}
