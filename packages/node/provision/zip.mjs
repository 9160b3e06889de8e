// Takes files out of a .zip by its table of contents, without having it in memory. Sizes come from there, since writers
// that stream leave the local headers empty. Enough for archives up to 4 GB: no zip64, no encryption.

import { createReadStream, createWriteStream } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createInflateRaw } from "node:zlib";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT_BYTES = 65_535;
const MAX_CONTENTS_BYTES = 64 * 1024 * 1024;
const STORED = 0;
const DEFLATED = 8;

/** @typedef {import("node:fs/promises").FileHandle} FileHandle */
/** @typedef {{ name: string, method: number, packed: number, size: number, offset: number }} Entry */

/**
 * @param {string} archive
 * @param {(name: string) => string | undefined} pick  where to write the file of that name; undefined passes it over
 * @returns {Promise<number>} how many files were written
 * @throws {Error} when the archive is cut short or is no .zip
 */
export async function extractZip(archive, pick) {
  const file = await open(archive);
  try {
    let written = 0;
    for (const entry of entries(await contents(file))) {
      const target = entry.name.endsWith("/") ? undefined : pick(entry.name);
      if (target === undefined) continue;
      await unpack(archive, file, entry, target);
      written += 1;
    }
    return written;
  } finally {
    await file.close();
  }
}

/** The table of contents. @param {FileHandle} file */
async function contents(file) {
  const { size } = await file.stat();
  const tail = await part(file, Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES), size);
  const end = findEnd(tail);
  const at = tail.readUInt32LE(end + 16);
  const bytes = tail.readUInt32LE(end + 12);
  if (bytes > MAX_CONTENTS_BYTES || at + bytes > size) throw new Error("the zip is damaged");
  return part(file, at, at + bytes);
}

/** @param {FileHandle} file @param {number} from @param {number} to */
async function part(file, from, to) {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
  if (bytesRead !== to - from) throw new Error("the zip is damaged");
  return buffer;
}

/** @param {Buffer} table @returns {Generator<Entry>} */
function* entries(table) {
  for (let at = 0; at < table.length;) {
    if (at + ENTRY_BYTES > table.length || table.readUInt32LE(at) !== ENTRY)
      throw new Error("the zip is damaged");
    const nameBytes = table.readUInt16LE(at + 28);
    yield {
      name: table.toString("utf8", at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes),
      method: table.readUInt16LE(at + 10),
      packed: table.readUInt32LE(at + 20),
      size: table.readUInt32LE(at + 24),
      offset: table.readUInt32LE(at + 42),
    };
    at += ENTRY_BYTES + nameBytes + table.readUInt16LE(at + 30) + table.readUInt16LE(at + 32);
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

/** @param {string} archive @param {FileHandle} file @param {Entry} entry @param {string} target */
async function unpack(archive, file, { name, method, packed, size, offset }, target) {
  if (method !== STORED && method !== DEFLATED)
    throw new Error(`${name} in the zip is packed by an unknown method ${method}`);
  const local = await part(file, offset, offset + LOCAL_BYTES);
  const start = offset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (packed === 0) return writeFile(target, "");
  const bytes = createReadStream(archive, { start, end: start + packed - 1 });
  const output = createWriteStream(target);
  if (method === STORED) await pipeline(bytes, output);
  else await pipeline(bytes, createInflateRaw(), atMost(size, name), output);
  if (output.bytesWritten !== size) throw new Error(`${name} in the zip is damaged`);
}

// What swells beyond the size that it states is no file that somebody wants.
/** @param {number} size @param {string} name */
function atMost(size, name) {
  /** @param {AsyncIterable<Buffer>} pieces */
  return async function* (pieces) {
    let seen = 0;
    for await (const piece of pieces) {
      seen += piece.length;
      if (seen > size) throw new Error(`${name} in the zip is damaged`);
      yield piece;
    }
  };
}
