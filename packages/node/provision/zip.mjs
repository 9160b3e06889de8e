// Takes one file out of a .zip by its table of contents. Sizes come from there, since writers that stream leave the
// local headers empty. Enough for release archives of some tens of megabytes: no zip64, no encryption.

import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT_BYTES = 65_535;
const MAX_FILE_BYTES = 512 * 1024 * 1024;
const STORED = 0;
const DEFLATED = 8;

/** @typedef {{ name: string, method: number, packed: number, size: number, offset: number }} Entry */

/**
 * @param {string} archive
 * @param {(name: string) => string | undefined} pick  where to write the file of that name; undefined passes it over
 * @returns {Promise<number>} how many files were written
 * @throws {Error} when the archive is cut short or is no .zip
 */
export async function extractZip(archive, pick) {
  const bytes = await readFile(archive);
  let written = 0;
  for (const entry of entries(bytes)) {
    const target = entry.name.endsWith("/") ? undefined : pick(entry.name);
    if (target === undefined) continue;
    await writeFile(target, await unpack(bytes, entry));
    written += 1;
  }
  return written;
}

/** @param {Buffer} bytes @returns {Generator<Entry>} */
function* entries(bytes) {
  const end = findEnd(bytes);
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (at + ENTRY_BYTES > bytes.length || bytes.readUInt32LE(at) !== ENTRY)
      throw new Error("the zip is damaged");
    const nameBytes = bytes.readUInt16LE(at + 28);
    yield {
      name: bytes.toString("utf8", at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes),
      method: bytes.readUInt16LE(at + 10),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    };
    at += ENTRY_BYTES + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
}

// The end record is last in the file, but for a comment of any length up to 64 KiB.
/** @param {Buffer} bytes */
function findEnd(bytes) {
  const lowest = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT_BYTES);
  for (let at = bytes.length - END_BYTES; at >= lowest; at -= 1) {
    if (bytes.readUInt32LE(at) === END) return at;
  }
  throw new Error("this is not a zip, or it is cut short");
}

/** @param {Buffer} bytes @param {Entry} entry */
async function unpack(bytes, { name, method, packed, size, offset }) {
  const start = offset + LOCAL_BYTES + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  const data = bytes.subarray(start, start + packed);
  if (data.length !== packed || size > MAX_FILE_BYTES) throw new Error(`${name} in the zip is damaged`);
  if (method === STORED) return data;
  if (method !== DEFLATED) throw new Error(`${name} in the zip is packed by an unknown method ${method}`);
  const unpacked = await promisify(inflateRaw)(data, { maxOutputLength: MAX_FILE_BYTES });
  if (unpacked.length !== size) throw new Error(`${name} in the zip is damaged`);
  return unpacked;
}
